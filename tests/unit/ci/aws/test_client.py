"""AWS by boto3, against the AWS API's stand-in: who we are, and what is refused before anything is made."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ci.aws import ecr
from ci.aws.client import Aws, told
from ci.errors import NotReady
from ci.settings import Settings
from ci.terraform import backend
from tests.unit.ci.answering import answering
from tests.unit.ci.conftest import CREDENTIALS, REGION

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


def refusing(code: str) -> AbstractContextManager[str]:
    """Answer every call as AWS refuses one, with the error CODE."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>planted</Message></Error></ErrorResponse>"
    return answering(lambda *_: (403, body.encode()))


@pytest.mark.parametrize(
    "question",
    [Aws.account, Aws.credentials, backend.locate, ecr.registry, ecr.password],
    ids=lambda each: each.__name__,
)
def test_no_credentials_are_told(endpoint: str, question: Callable[[Aws], object]) -> None:
    """Without any, every question ends in the same sentence and how to get some."""
    with pytest.raises(NotReady) as caught:
        question(Aws(Settings(aws_endpoint_url=endpoint), REGION))

    assert caught.value.code == "aws_credentials_missing"
    assert "aws sso login" in caught.value.hint
    assert "rehearse" in caught.value.hint


def test_half_the_credentials_are_none(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key without its secret is told as missing too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted-id")

    with pytest.raises(NotReady) as caught:
        Aws(Settings(aws_endpoint_url=endpoint), REGION).account()

    assert caught.value.code == "aws_credentials_missing"


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_expired_credentials_are_told_as_such(code: str) -> None:
    """Yesterday's login is not told as a lack of rights."""
    with refusing(code) as address, pytest.raises(NotReady) as caught:
        Aws(Settings(aws_endpoint_url=address), REGION, CREDENTIALS).account()

    assert caught.value.code == "aws_credentials_expired"
    assert "aws sso login" in caught.value.hint


def test_a_refusal_names_what_was_asked_and_no_value() -> None:
    """A role that may not do it is told by the action and AWS's code; AWS's message, which may hold names, is not."""
    with refusing("AccessDenied") as address, pytest.raises(NotReady) as caught:
        Aws(Settings(aws_endpoint_url=address), REGION, CREDENTIALS).account()

    assert caught.value.code == "aws_refused"
    assert "AccessDenied" in caught.value.title
    assert "planted" not in str(caught.value.as_dict())


def test_aws_that_cannot_be_reached_is_told() -> None:
    """A network that is down is not the account's fault."""
    with pytest.raises(NotReady) as caught, told("name the caller"):
        raise EndpointConnectionError(endpoint_url="https://sts.invalid")

    assert caught.value.code == "aws_unreachable"
    assert "name the caller" in caught.value.title


def test_aws_client_from_several_threads_is_made_once_for_each_service() -> None:
    aws = Aws(Settings(), REGION, CREDENTIALS)
    names = ["sts", "ecr"] * 4
    together = threading.Barrier(len(names))

    def client(name: str) -> Any:
        together.wait(10)
        return aws.client(name)

    with ThreadPoolExecutor(len(names)) as threads:
        found = list(threads.map(client, names))

    assert [each.meta.service_model.service_name for each in found] == names
    assert {id(each) for each in found} == {id(aws.client("sts")), id(aws.client("ecr"))}


@pytest.mark.parametrize("attempts", [1, 2])
def test_aws_client_silent_server_gives_up_after_the_set_attempts(attempts: int) -> None:
    """A connection is an attempt: the server takes each one and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        aws = Aws(Settings(aws_endpoint_url=address, aws_timeout=0.05, aws_attempts=attempts), REGION, CREDENTIALS)

        with pytest.raises(NotReady) as caught:
            aws.account()

        server.setblocking(False)
        for _ in range(attempts):
            server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()
    assert caught.value.code == "aws_unreachable"


@pytest.mark.parametrize(("seconds", "connect", "read"), [(30, 5, 30), (2, 2, 2)])
def test_aws_client_timeout_limits_connecting_and_reading(seconds: float, connect: float, read: float) -> None:
    config = Aws(Settings(aws_timeout=seconds), REGION, CREDENTIALS).client("sts").meta.config

    assert (config.connect_timeout, config.read_timeout) == (connect, read)


def test_profile_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt AWS_PROFILE is a sentence, not a bug."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(NotReady):
        Aws(Settings(), REGION).account()


def test_address_that_is_none_is_told() -> None:
    """A misspelt AWS_ENDPOINT_URL is a sentence, not a bug."""
    with pytest.raises(NotReady):
        Aws(Settings(aws_endpoint_url="nonsense"), REGION, CREDENTIALS).account()


def test_another_account_is_refused(endpoint: str) -> None:
    """With CAREPATH_AWS_ACCOUNT_ID set, credentials of another account touch nothing."""
    settings = Settings(aws_endpoint_url=endpoint, aws_account_id="999999999999")

    with pytest.raises(NotReady) as caught:
        backend.make(Aws(settings, REGION, CREDENTIALS))

    assert caught.value.code == "wrong_account"
    assert "123456789012" in caught.value.title
    assert "999999999999" in caught.value.title


def test_account_that_is_allowed_passes(endpoint: str) -> None:
    """The account that is set, or any where none is set."""
    for allowed in (None, "123456789012"):
        settings = Settings(aws_endpoint_url=endpoint, aws_account_id=allowed)

        assert Aws(settings, REGION, CREDENTIALS).account() == "123456789012"


def test_credentials_are_the_variables_that_terraform_reads(aws: Aws, endpoint: str) -> None:
    """A session token goes along where there is one, and no empty variable where there is none."""
    long_lived = {"AWS_ACCESS_KEY_ID": "planted-id", "AWS_SECRET_ACCESS_KEY": "planted-secret"}
    session = Aws(Settings(aws_endpoint_url=endpoint), REGION, {**CREDENTIALS, "aws_session_token": "planted-token"})

    assert aws.credentials() == long_lived
    assert session.credentials() == {**long_lived, "AWS_SESSION_TOKEN": "planted-token"}


def test_state_lives_where_account_region_and_environment_say(aws: Aws) -> None:
    """Two accounts or regions never share a bucket; the table is the spec's."""
    expected = {
        "bucket": "carepath-tfstate-123456789012-us-east-1",
        "key": "demo/terraform.tfstate",
        "dynamodb_table": "carepath-tflock",
        "region": "us-east-1",
    }

    arguments = backend.locate(aws).arguments()

    assert expected.items() <= arguments.items()
    assert "planted" not in str(arguments)


def test_names_may_be_told(endpoint: str) -> None:
    """A bucket, a table and a registry that the settings name are taken as they are."""
    settings = Settings(aws_endpoint_url=endpoint, state_bucket="b", lock_table="t", registry="localhost:5000")
    aws = Aws(settings, REGION, CREDENTIALS)

    assert (backend.locate(aws).bucket, backend.locate(aws).table, ecr.registry(aws)) == ("b", "t", "localhost:5000")


def test_registry_is_the_accounts_own(aws: Aws) -> None:
    """Images go to ECR of this account and region unless told otherwise, with ECR's password."""
    assert ecr.registry(aws) == "123456789012.dkr.ecr.us-east-1.amazonaws.com"
    assert ecr.password(aws)
