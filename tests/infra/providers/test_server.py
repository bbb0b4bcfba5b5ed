"""The stand-ins as a server: found by Terraform, stoppable, and gone when nobody wants them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pyvider.protocols.tfprotov6 import protobuf as pb

from ci.rehearsal.providers import Faults, ProviderServer, reattach
from ci.rehearsal.providers.schema import load
from ci.rehearsal.providers.values import UNKNOWN, decode, encode
from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Call = Callable[[str, Any, Any], grpc.Future[Any]]

AWS = "registry.terraform.io/hashicorp/aws"
COMMAND = [sys.executable, "-m", "ci.rehearsal.providers"]
LONGER_THAN_ANY_TEST = 600.0


@pytest.fixture
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    """Return a function that calls the aws stand-in; its faults are the fixture's parameter."""
    with (
        ProviderServer(faults=getattr(request, "param", None)) as server,
        grpc.insecure_channel(server.addresses[AWS]) as channel,
    ):

        def called(name: str, messages: Any, message: Any) -> grpc.Future[Any]:
            method = channel.unary_unary(
                f"/tfplugin6.Provider/{name}",
                request_serializer=messages.Request.SerializeToString,
                response_deserializer=messages.Response.FromString,
            )
            return method.future(message)

        yield called


def log_group(**told: Any) -> dict[str, Any]:
    """Return a log group's value with nothing but TOLD."""
    aws = next(each for each in load() if each.source == AWS)
    return {**dict.fromkeys(aws.resources["aws_cloudwatch_log_group"]["block"]["attributes"]), **told}


def create(call: Call) -> Any:
    config, planned = encode(log_group(name="logs")), encode(log_group(name="logs", arn=UNKNOWN))
    message = pb.ApplyResourceChange.Request(
        type_name="aws_cloudwatch_log_group", prior_state=encode(None), planned_state=planned, config=config
    )
    return call("ApplyResourceChange", pb.ApplyResourceChange, message)


def test_schema_is_whole_and_need_not_be_asked_for_again(call: Call) -> None:
    """Terraform would otherwise ask for it, and read all of it, each time that it connects."""
    answer = call("GetProviderSchema", pb.GetProviderSchema, pb.GetProviderSchema.Request()).result()

    aws = next(own for own in load() if own.source == AWS)
    assert set(answer.resource_schemas) == set(aws.resources)
    assert set(answer.data_source_schemas) == set(aws.data_sources)
    assert answer.server_capabilities.get_provider_schema_optional


def test_nothing_can_be_imported(call: Call) -> None:
    """A stand-in would otherwise tell of something that is nowhere."""
    message = pb.ImportResourceState.Request(type_name="aws_vpc", id="vpc-1")

    answer = call("ImportResourceState", pb.ImportResourceState, message).result()

    assert "has nothing to import: aws_vpc vpc-1" in answer.diagnostics[0].summary


def test_a_call_that_nobody_answers_is_refused_as_terraform_expects(call: Call) -> None:
    """Newer versions of Terraform ask for more and go on without it."""
    error = call("GetFunctions", pb.GetFunctions, pb.GetFunctions.Request()).exception()

    assert isinstance(error, grpc.RpcError)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("call", [Faults(failing=frozenset({"aws_cloudwatch_log_group"}))], indirect=True)
def test_a_type_that_is_to_fail_fails_and_nothing_is_made(call: Call) -> None:
    """The state stays as it was."""
    answer = create(call).result()

    assert answer.diagnostics[0].severity == pb.Diagnostic.ERROR
    assert decode(answer.new_state) is None


@pytest.mark.parametrize("call", [Faults(delays={"": LONGER_THAN_ANY_TEST})], indirect=True)
def test_a_slow_apply_ends_when_terraform_is_stopped(call: Call) -> None:
    """A stop reaches what is under way, and the next run begins without it."""
    slow = create(call)

    call("StopProvider", pb.StopProvider, pb.StopProvider.Request()).result()

    assert "Terraform was stopped" in slow.result().diagnostics[0].summary


def test_a_run_after_a_stop_starts_afresh(call: Call) -> None:
    """The process outlives Terraform's runs, so configuring it is what begins a new one."""
    call("StopProvider", pb.StopProvider, pb.StopProvider.Request()).result()
    assert create(call).result().diagnostics

    config = encode({"region": "eu-west-1", "default_tags": []})
    call("ConfigureProvider", pb.ConfigureProvider, pb.ConfigureProvider.Request(config=config)).result()

    state = decode(create(call).result().new_state)
    assert state["arn"] == "arn:aws:logs:eu-west-1:123456789012:log-group:logs"


def test_a_write_only_value_is_not_in_what_was_made(call: Call) -> None:
    """Faults aside, what comes back holds what was planned and what is made up, nothing of the configuration."""
    planned = encode(log_group(name="logs"))
    config = encode(log_group(name="logs", kms_key_id="only-in-the-configuration"))
    message = pb.ApplyResourceChange.Request(
        type_name="aws_cloudwatch_log_group", prior_state=encode(None), planned_state=planned, config=config
    )

    answer = call("ApplyResourceChange", pb.ApplyResourceChange, message).result()

    assert b"only-in-the-configuration" not in answer.SerializeToString()


def test_zones_can_be_left_out(call: Call) -> None:
    """The configuration excludes zones that EKS refuses, by their ids."""
    config = encode({"exclude_zone_ids": ["euc1-az2"], "exclude_names": None, "names": None})
    call(
        "ConfigureProvider",
        pb.ConfigureProvider,
        pb.ConfigureProvider.Request(config=encode({"region": "eu-central-1"})),
    ).result()
    message = pb.ReadDataSource.Request(type_name="aws_availability_zones", config=config)

    state = decode(call("ReadDataSource", pb.ReadDataSource, message).result().state)

    assert state["names"] == ["eu-central-1a", "eu-central-1c", "eu-central-1d"]


def test_a_data_source_without_an_answer_says_so(call: Call) -> None:
    """Rather than fail with the stand-in's traceback."""
    message = pb.ReadDataSource.Request(type_name="aws_ssm_parameter", config=encode({}))

    answer = call("ReadDataSource", pb.ReadDataSource, message).result()

    assert "no answer for aws_ssm_parameter" in answer.diagnostics[0].summary


def test_terraform_is_told_where_and_whose_life_counts() -> None:
    """Elsewhere the addresses may be others, and the process that lives is another."""
    told = json.loads(reattach({AWS: "stand-ins:4711"}, 1))

    assert told == {
        AWS: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": 1,
            "Test": True,
            "Addr": {"Network": "tcp", "String": "stand-ins:4711"},
        }
    }


def test_the_command_says_what_it_does_not_understand() -> None:
    """A wrong delay is a usage error."""
    done = subprocess.run([*COMMAND, "--delay", "soon"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "--delay takes SECONDS" in done.stderr


@pytest.mark.parametrize("way", ["stdin", "signal"])
def test_the_command_serves_until_it_is_no_longer_wanted(way: str) -> None:
    """It prints its addresses once it answers, and leaves with its caller or at a SIGTERM."""
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        with grpc.insecure_channel(addresses[AWS]) as channel:
            grpc.channel_ready_future(channel).result(timeout=10)
        if way == "stdin":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=30) == 0
    assert len(addresses) == 3
