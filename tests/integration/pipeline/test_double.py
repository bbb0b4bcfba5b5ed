"""The double, driven by the real client: what it promises to the tests that rest on it."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import dagger
import httpx
import pytest
from dagger import dag
from graphql import validate_schema

from tests.integration.pipeline.double.invariants import execs, nonce_rule, order, plaintext_secrets
from tests.integration.pipeline.double.schema import engine_schema
from tests.integration.pipeline.double.script import Answer, argv, leaf, together
from tests.integration.pipeline.double.server import TOKEN, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.integration.pipeline.double.session import Session

    Leaf = Callable[[dagger.Container], Awaitable[object]]

pytestmark = pytest.mark.anyio

IMAGE = "docker.io/library/python:3.11-slim@sha256:1111"


@asynccontextmanager
async def connected() -> AsyncIterator[None]:
    """Connect as the pipeline does: what was sent once is never sent again."""
    async with dagger.connection(dagger.Config(retry=dagger.Retry(connect=True, execute=False))):
        yield


def base() -> dagger.Container:
    return dag.container().from_(IMAGE)


async def at_once(*leaves: Callable[[], Awaitable[object]]) -> None:
    async with anyio.create_task_group() as group:
        for each in leaves:
            group.start_soon(partial(finish, each))


async def finish(awaitable: Callable[[], Awaitable[object]]) -> None:
    await awaitable()


async def test_wrong_token_is_refused(dagger_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without the session's token learns nothing and leaves no trace."""
    monkeypatch.setenv("DAGGER_SESSION_TOKEN", "another")

    with pytest.raises(dagger.ClientConnectionError):
        async with connected():
            pass

    assert dagger_session.records == []


@pytest.mark.parametrize("leaf_of", [lambda image: image.sync(), lambda image: image.with_exec(["x"]).stdout()])
async def test_private_registry_asks_for_a_password(dagger_session: Session, leaf_of: Leaf) -> None:
    """A pull from ECR without one fails as it does there, another registry's password does not help, its own does."""
    host = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
    assert dagger_session.port

    async with connected():
        password = dag.set_secret("password", "planted")
        for container in (dag.container(), dag.container().with_registry_auth("elsewhere", "AWS", password)):
            with pytest.raises(dagger.QueryError, match="401"):
                await leaf_of(container.from_(f"{host}/one@sha256:1111"))

        await leaf_of(dag.container().with_registry_auth(host, "AWS", password).from_(f"{host}/one@sha256:1111"))


async def test_private_registry_takes_no_push_from_strangers(dagger_session: Session) -> None:
    """Nor is a push to ECR taken without its password."""
    assert dagger_session.port

    async with connected():
        with pytest.raises(dagger.QueryError, match="401"):
            await base().publish("123456789012.dkr.ecr.us-east-1.amazonaws.com/one:src-1")


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ('{ container { from(adress: "x") { imageRef } } }', "Unknown argument 'adress'"),
        ('{ container { withExposedPort(port: "80") { imageRef } } }', "Int cannot represent"),
        ('{ container { withExec(args: ["x"], expect: MAYBE) { stdout } } }', "'MAYBE' does not exist"),
        ('{ container { withMountedSecret(path: "/x", source: "made-up") { imageRef } } }', "no object has the id"),
        ("{ container { stdout } }", "no command has been executed"),
    ],
    ids=["argument", "type", "enum", "id", "no-exec"],
)
def test_query_is_validated(query: str, complaint: str) -> None:
    """What an engine would refuse comes back as an error of the API, with HTTP 200."""
    with serve() as session:
        reply = httpx.post(f"http://127.0.0.1:{session.port}/query", auth=(TOKEN, ""), json={"query": query})

    assert reply.status_code == 200
    assert complaint in reply.json()["errors"][0]["message"]


async def test_failed_exec_is_an_exec_error(dagger_session: Session) -> None:
    """A failing command reaches the pipeline with its code and output, from under any leaf, and is not kept."""
    dagger_session.script.on(argv("pytest", "-q"), Answer(exit_code=3, stdout="1 failed", stderr="boom"), times=2)
    tests = base().with_exec(["python", "-m", "pytest", "-q"])

    async with connected():
        with pytest.raises(dagger.ExecError) as caught:
            await tests.sync()
        with pytest.raises(dagger.ExecError):
            await dag.container().with_file("/report", tests.file("report")).publish("localhost:5000/x")
        await tests.sync()

    error = caught.value
    assert (error.exit_code, error.stdout, error.stderr) == (3, "1 failed", "boom")
    assert error.command == ["python", "-m", "pytest", "-q"]
    assert [run.failed for run in dagger_session.records if run.call.argv] == [True, True, False]


@pytest.mark.parametrize("code", [-1, 137], ids=["engine", "signal"])
async def test_no_expectation_covers_a_death_by_signal(dagger_session: Session, code: int) -> None:
    """What an engine raises whatever was expected, the double raises too."""
    dagger_session.script.on(argv("sleep"), Answer(exit_code=code))

    async with connected():
        with pytest.raises(dagger.ExecError) as caught:
            await base().with_exec(["sleep", "9"], expect=dagger.ReturnType.ANY).exit_code()

    assert caught.value.exit_code == code


async def test_expected_failure_is_a_value(dagger_session: Session) -> None:
    """An exec that may fail runs once, and its leaves tell how it ended."""
    dagger_session.script.on(argv("terraform", "plan"), Answer(exit_code=2, stdout="+1 ", stderr="note"))
    plan = base().with_exec(["terraform", "plan"], expect=dagger.ReturnType.ANY)

    async with connected():
        assert await plan.exit_code() == 2
        assert (await plan.stdout(), await plan.stderr(), await plan.combined_output()) == ("+1 ", "note", "+1 note")

    assert len([run for run in dagger_session.records if run.call.argv]) == 1


async def test_error_without_a_process_is_a_query_error(dagger_session: Session, tmp_path: Path) -> None:
    """A refused push or a missing file is no ExecError."""
    dagger_session.script.on(leaf("publish"), Answer(error="push refused"))
    dagger_session.script.on(leaf("contents", path="errored.tfstate"), Answer(error="no such file"))

    async with connected():
        with pytest.raises(dagger.QueryError, match="push refused") as refused:
            await base().publish("localhost:5000/x")
        with pytest.raises(dagger.QueryError, match="no such file"):
            await base().file("errored.tfstate").export(str(tmp_path / "errored.tfstate"))

    assert not isinstance(refused.value, dagger.ExecError)
    assert not await anyio.Path(tmp_path / "errored.tfstate").exists()


async def test_transport_fault_is_sent_once(dagger_session: Session) -> None:
    """A lost reply surfaces as TransportError after a single request; the next request is answered."""
    dagger_session.script.on(leaf("publish"), Answer(status=502), times=1)

    async with connected():
        with pytest.raises(dagger.TransportError):
            await base().publish("localhost:5000/x")
        await base().publish("localhost:5000/x")

    assert [record.failed for record in dagger_session.records] == [True, False]


async def test_list_of_objects_is_refused(dagger_session: Session) -> None:
    """What the double cannot answer it says, instead of an empty list."""
    async with connected():
        with pytest.raises(dagger.QueryError, match=r"cannot answer Container\.envVariables"):
            await base().env_variables()

    assert dagger_session.chains == []


def test_schema_is_valid() -> None:
    """The schema read from the client is valid and knows the client's input objects and enums."""
    schema = engine_schema()

    assert validate_schema(schema) == []
    assert {"PortForward", "BuildArg", "ReturnType", "CacheSharingMode", "Node"} <= schema.type_map.keys()


def test_only_the_api_is_served() -> None:
    """Another address than /query does not exist."""
    with serve() as session:
        reply = httpx.post(f"http://127.0.0.1:{session.port}/", auth=(TOKEN, ""), json={})

    assert reply.status_code == 404


async def test_chain_is_recorded_whole(dagger_session: Session) -> None:
    """A leaf is recorded as the tree that led to it: ids are the calls they stand for, enums go by name."""
    source = dag.host().directory("/src", exclude=[".git"])
    cache = dag.cache_volume("pip")

    async with connected():
        await (
            base()
            .with_directory("/src", source)
            .with_mounted_cache("/root/.cache", cache, sharing=dagger.CacheSharingMode.LOCKED)
            .with_exec(["make"])
            .stdout()
        )

    (chain,) = dagger_session.chains
    assert str(chain) == (
        f'container().from(address="{IMAGE}")'
        '.withDirectory(path="/src", source=host().directory(path="/src", exclude=[".git"]))'
        '.withMountedCache(path="/root/.cache", cache=cacheVolume(key="pip"), sharing="LOCKED")'
        '.withExec(args=["make"]).stdout()'
    )
    assert [call.field for call in chain.walk()][2:6] == ["host", "directory", "withDirectory", "cacheVolume"]


async def test_sync_returns_the_same_chain(dagger_session: Session) -> None:
    """What is asked after a sync hangs on the chain before it, and the exec is not run again."""
    async with connected():
        built = await base().with_exec(["make"]).sync()
        await built.with_exec(["make", "check"]).sync()

    assert [step.argv for step in execs(dagger_session.chains)] == [["make"], ["make", "check"]]
    assert [run.call.argv for run in dagger_session.records if run.call.argv] == [["make"], ["make", "check"]]


async def test_build_and_publish(dagger_session: Session) -> None:
    """An image's digest follows from its chain, so a push of the same image gives the same digest."""
    registry = dag.container().from_("registry:2").with_exposed_port(5000).as_service(use_entrypoint=True)
    image = dag.host().directory("/src").docker_build(build_args=[dagger.BuildArg("VERSION", "1")], target="run")

    async with connected():
        first = await image.publish("localhost:5000/chat:a", registry_service=registry)
        second = await image.publish("localhost:5000/chat:b", registry_service=registry)
        other = await image.with_label("x", "y").publish("localhost:5000/chat:a", registry_service=registry)

    assert first.startswith("localhost:5000/chat:a@sha256:")
    assert len({reference.partition("@")[2] for reference in (first, second, other)}) == 2
    published = dagger_session.chains[0]
    assert published.parent is not None
    assert published.parent.args["buildArgs"] == [{"name": "VERSION", "value": "1"}]
    assert 'registryService=container().from(address="registry:2")' in str(published)


async def test_service_starts_and_stops(dagger_session: Session) -> None:
    """A service can be started, reached through a tunnel and stopped; one that dies as it starts tells its code."""
    dagger_session.script.on(leaf("endpoint", scheme="http"), Answer(value="http://127.0.0.1:18999"))
    dagger_session.script.on(lambda call: call.field == "start" and "mongo" in str(call), Answer(exit_code=14))
    service = base().with_exposed_port(8000).as_service(args=["uvicorn"])
    forward = [dagger.PortForward(backend=8000, frontend=18999)]

    async with connected():
        await service.start()
        tunnel = await dag.host().tunnel(service, ports=forward).start()
        assert await tunnel.endpoint(scheme="http") == "http://127.0.0.1:18999"
        assert await tunnel.endpoint() == "127.0.0.1:1"
        await tunnel.stop()
        await service.stop(kill=True)
        with pytest.raises(dagger.ExecError) as died:
            await dag.container().from_("mongo:7").as_service().start()

    assert died.value.exit_code == 14
    assert [call.field for call in dagger_session.chains] == ["start"] * 2 + ["endpoint"] * 2 + ["stop"] * 2 + ["start"]
    assert order(dagger_session.records, leaf("endpoint"), leaf("stop")) == []


async def test_files_are_read_and_exported(dagger_session: Session, tmp_path: Path) -> None:
    """A file has the contents the script gives it, on the host as well; a directory has a digest and is exported."""
    dagger_session.script.on(leaf("contents", path="plan.json"), Answer(value='{"applyable": true}'))
    plan = base().file("plan.json")

    async with connected():
        assert await plan.contents() == '{"applyable": true}'
        await plan.export(str(tmp_path / "out" / "plan.json"))
        await dag.host().directory("/src").export(str(tmp_path / "tree"))
        assert await dag.host().directory("/src").entries() == []
        digests = [await dag.host().directory(path).digest() for path in ("/src", "/src", "/other")]

    assert (tmp_path / "out" / "plan.json").read_text() == '{"applyable": true}'
    assert (tmp_path / "tree").is_dir()
    assert digests[0] == digests[1] != digests[2]


async def test_planted_secret_is_found_where_it_does_not_belong(dagger_session: Session) -> None:
    """A secret's value may be in setSecret only; anywhere else it is reported without being repeated."""
    token = dag.set_secret("token", "hunter2")
    good = base().with_secret_variable("TOKEN", token).with_mounted_secret("/run/token", token).with_exec(["push"])

    async with connected():
        await good.sync()
        assert plaintext_secrets(dagger_session.calls, ["hunter2"]) == []
        assert "hunter2" not in str(dagger_session.chains[-1])
        await (
            dag.container().with_directory("/x", good.with_exec(["push", "--password=hunter2"]).directory("/x")).sync()
        )

    assert plaintext_secrets(dagger_session.calls, ["hunter2"]) == ["withExec(args=…) holds a secret in plain text"]


async def test_secret_value_is_no_part_of_the_cache_key(dagger_session: Session) -> None:
    """As on an engine, the same secret with a new value does not run an exec again."""
    async with connected():
        for value in ("a", "bbbb"):
            await base().with_secret_variable("T", dag.set_secret("t", value)).with_exec(["aws"]).sync()

    assert len([run for run in dagger_session.records if run.call.argv]) == 1


async def test_nonce_rule(dagger_session: Session) -> None:
    """The nonce stands right above what touches the outside, and nowhere else."""
    run = "CAREPATH_RUN"
    token = dag.set_secret("token", "hunter2")
    tool = base().with_exec(["pip", "install"])
    good = tool.with_secret_variable("TOKEN", token).with_env_variable(run, "1").with_exec(["terraform", "apply"])
    image = dag.host().directory("/src").docker_build().with_exec(["pytest"])

    async with connected():
        await good.sync()
        await image.sync()
        kept = nonce_rule(dagger_session.chains, outside=argv("terraform"))
        await tool.with_exec(["terraform", "plan"]).sync()
        await tool.with_env_variable(run, "1").with_secret_variable("T", token).with_exec(["terraform", "show"]).sync()
        await tool.with_env_variable(run, "1").with_exec(["ruff"]).sync()
        await tool.with_env_variable(run, "1").without_env_variable(run).with_exec(["mypy"]).sync()
        await good.directory("/x").docker_build().with_exec(["pytest"]).sync()

    assert kept == []
    assert nonce_rule(dagger_session.chains, outside=argv("terraform")) == [
        "['terraform', 'plan'] touches the outside but the last variable set is nothing",
        "['terraform', 'show'] touches the outside but the last variable set is T",
        "['ruff'] is pure but carries CAREPATH_RUN",
    ]


async def test_leaves_awaited_together_overlap(dagger_session: Session) -> None:
    """Concurrent leaves are served concurrently; two on the same exec wait for one run of it."""
    dagger_session.script.on(argv("build"), Answer(hold=together(2)))
    chat, db = base().with_exec(["build", "chat"]), base().with_exec(["build", "db"])

    async with connected():
        await at_once(chat.stdout, chat.exit_code, db.stdout)

    first, second = (run for run in dagger_session.records if run.call.argv)
    assert first.overlaps(second)
    assert first.began <= second.ended
    assert order(dagger_session.records, argv("chat"), argv("db")) != []


async def test_cancelled_leaf_is_recorded_and_does_no_harm(dagger_session: Session) -> None:
    """A pipeline that is cancelled leaves its exec in the record, and the session goes on answering."""
    reached, stop = threading.Event(), threading.Event()

    def held() -> None:
        reached.set()
        stop.wait(5)

    dagger_session.script.on(argv("apply"), Answer(hold=held))

    async with connected():
        async with anyio.create_task_group() as group:
            group.start_soon(partial(finish, base().with_exec(["apply"]).stdout))
            await anyio.to_thread.run_sync(reached.wait)
            group.cancel_scope.cancel()
        stop.set()
        await base().with_exec(["status"]).sync()

    assert [run.call.argv for run in dagger_session.records if run.call.argv] == [["apply"], ["status"]]


async def test_leaves_that_never_meet_are_told(dagger_session: Session) -> None:
    """A test that expects two calls at once fails with that sentence, and soon, when they come one by one."""
    dagger_session.script.on(argv("build"), Answer(hold=together(2, seconds=0.01)))

    async with connected():
        with pytest.raises(dagger.QueryError, match=r"no 2 such calls within 0\.01 s"):
            await base().with_exec(["build"]).sync()


async def test_order_tells_a_missing_step_from_a_kept_order(dagger_session: Session) -> None:
    """The order of two steps holds only when both happened."""
    dagger_session.script.on(argv("pytest"), Answer(delay=0.05))
    tested = base().with_exec(["pytest"])

    async with connected():
        await tested.sync()
        missing = order(dagger_session.records, argv("pytest"), leaf("publish"))
        await tested.publish("localhost:5000/x")

    assert missing == ["nothing was recorded for what should follow"]
    assert order(dagger_session.records, argv("pytest"), leaf("publish")) == []
    slow = dagger_session.records[1]
    assert slow.call.argv == ["pytest"]
    assert slow.ended - slow.began >= 0.05


def test_plain_function_may_run_its_own_loop(dagger_session: Session) -> None:
    """A test of the command line, which starts a loop itself, finds the session as well."""

    async def pipeline() -> str:
        async with connected():
            return await base().image_ref()

    assert anyio.run(pipeline) == IMAGE
    assert [call.field for call in dagger_session.chains] == ["imageRef"]
