"""A deploy on the Dagger engine: what is asked of it, in which order, and what never is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ci import graph
from ci.services import CHAT_API, DB_API, SERVICES
from tests.integration.pipeline.double.invariants import execs, nonce_rule, order, plaintext_secrets
from tests.integration.pipeline.double.script import Answer, argv, leaf, together
from tests.integration.pipeline.world import SECRETS, outputs_json, plan_json, terraform, touches_outside
from tests.support.images import whole

if TYPE_CHECKING:
    from ci.pipeline import Pipeline
    from tests.integration.pipeline.world import World


def commands(world: World) -> list[str]:
    """List Terraform's commands in the order they ran, with their target."""
    return [
        " ".join(word for word in record.call.argv[5:] if word[:8] == "-target=" or word[:1] != "-")
        for record in world.session.records
        if touches_outside(record.call) and record.call.argv[:1] == ["sh"]
    ]


def test_first_deploy_makes_the_repositories_before_anything_is_pushed(deployed: World) -> None:
    """`module.ecr` is applied alone, then both images are pushed, then everything is planned and applied."""
    assert commands(deployed) == [
        "init",
        "output",
        "plan -target=module.ecr",
        "show tfplan",
        "apply tfplan",
        "plan",
        "show tfplan",
        "apply tfplan",
        "output",
    ]
    assert order(deployed.session.records, terraform("apply"), leaf("publish"))[:1] != []
    assert [stage.name for stage in deployed.report.stages] == [
        *("bootstrap", "init", "plan", "apply"),
        *("build", "check", "publish", "plan", "verify", "apply", "smoke"),
    ]


def test_graph_draws_what_a_deploy_runs(deployed: World) -> None:
    """`graph` names the stages of a deploy, in their order."""
    drawn = dict.fromkeys(step.stage for step in graph.steps(deployed.settings, SERVICES, alone=False))
    # The repositories' own plan and apply come before, on a first deploy only.
    ran = [stage.name for stage in deployed.report.stages]
    assert list(drawn) == [*ran[:2], *ran[4:]]


def test_nothing_is_published_before_both_services_passed_their_tests(deployed: World) -> None:
    """A push waits for every test, not only for its own service's."""
    assert order(deployed.session.records, argv("-m", "pytest"), leaf("publish")) == []


@pytest.mark.slow
def test_both_services_are_tested_at_once(world: World) -> None:
    """The tests of one do not wait for the other's."""
    world.session.script.on(argv("-m", "pytest"), Answer(hold=together(2)))

    world.run(lambda pipeline: pipeline.deploy())

    tested = [record for record in world.session.records if argv("-m", "pytest")(record.call)]
    assert len(tested) == 2
    assert tested[0].overlaps(tested[1])


def test_side_effects_carry_the_nonce_and_nothing_else_does(deployed: World) -> None:
    """The engine's cache outlives a session: an old apply must never answer for a new one, a test may."""
    assert nonce_rule(deployed.session.chains, outside=touches_outside) == []
    assert any(touches_outside(step) for step in execs(deployed.session.chains))
    assert not all(touches_outside(step) for step in execs(deployed.session.chains))


def test_what_is_asked_twice_in_a_run_is_answered_anew(world: World) -> None:
    """Terraform is opened again for a rollback: the engine must not answer with what it said before the apply."""

    async def twice(pipeline: Pipeline) -> None:
        for _ in range(2):
            async with pipeline.infrastructure.opened() as tf:
                await pipeline.infrastructure.outputs(tf)

    world.run(twice)

    asked = [step for step in execs(world.session.chains) if terraform("output")(step)]
    nonces = [
        {str(call.args["value"]) for call in step.line if call.args.get("name") == "CAREPATH_RUN"} for step in asked
    ]
    assert len({frozenset(each) for each in nonces}) == 2
    assert all(len(each) == 1 for each in nonces)


def test_no_secret_is_in_an_argument(deployed: World) -> None:
    """AWS's, ECR's and the database's secrets reach the engine as secrets only."""
    password = "123456789012-auth-token"
    planted = [*SECRETS.values(), password]
    assert plaintext_secrets(deployed.session.calls, planted) == []
    handed_over = [call for call in deployed.session.calls if call.line[0].field == "setSecret"]
    assert handed_over


def test_the_plan_that_was_shown_is_the_plan_that_is_applied(deployed: World) -> None:
    """Apply runs in what plan left behind, so its `tfplan` is that plan's."""
    for step in execs(deployed.session.chains):
        if terraform("apply")(step):
            before = [call.argv[5] for call in step.line if touches_outside(call) and call is not step]
            assert before[-2:] == ["plan", "show"]


def test_terraform_gets_both_images_by_digest(deployed: World) -> None:
    """One generated file names both services' images, each as `repository@sha256:…`."""
    assert set(deployed.report.release) == {"db-api", "chat-api"}
    for reference in deployed.report.release.values():
        repository, _, digest = reference.partition("@")
        assert repository.startswith("123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-")
        assert digest.startswith("sha256:")


def test_images_come_from_pinned_bases(deployed: World) -> None:
    """Every image that is pulled by name is pulled by digest."""
    pulled = [call for chain in deployed.session.chains for call in chain.walk() if call.field == "from"]
    assert pulled
    assert all("@sha256:" in str(call.args["address"]) for call in pulled)


def test_what_terraform_tells_as_json_is_not_printed(deployed: World) -> None:
    """The engine logs what a command prints, and a plan's JSON holds the values of variables."""
    told = {call.argv[5]: call.redirected for call in deployed.session.calls if "-json" in call.argv}
    assert set(told) == {"show", "output"}
    assert all(told.values())


def test_providers_are_mirrored_by_the_lock_where_there_is_one(deployed: World) -> None:
    """Terraform heeds a lock file beside the configuration only; the environment's own is put there."""
    mirror = next(call for call in deployed.session.calls if call.argv[:3] == ["terraform", "providers", "mirror"])
    files = [call for call in mirror.walk() if call.field == "withDirectory" and call.args["path"] == "."]
    assert any(".terraform.lock.hcl" in str(call.args["source"]) for call in files)


@pytest.mark.slow
def test_unchanged_services_are_neither_built_nor_tested_nor_pushed_again(world: World) -> None:
    """What ECR has for the same inputs is deployed as it is, on any runner."""
    world.run(lambda pipeline: pipeline.deploy())
    first = dict(world.report.release)
    seen = len(world.session.records)
    world.session.script.on(terraform("plan"), Answer(exit_code=0))
    world.session.script.on(terraform("show"), Answer(stdout=plan_json()))
    world.report.stages.clear()
    world.run_id = "second"

    world.run(lambda pipeline: pipeline.deploy())

    again = world.session.records[seen:]
    assert not [record for record in again if leaf("publish")(record.call) or argv("pytest")(record.call)]
    assert not [record for record in again if any(call.field == "dockerBuild" for call in record.call.line)]
    assert not [record for record in again if terraform("apply")(record.call)]
    assert world.report.release == first
    statuses = {stage.name: stage.status for stage in world.report.stages}
    assert {statuses[name] for name in ("build", "check", "publish", "plan")} == {"unchanged"}


@pytest.mark.slow
def test_image_whose_tests_changed_is_tested_as_it_is_in_the_registry(world: World) -> None:
    """It is pulled with ECR's password, which is a secret, and neither built nor pushed again."""
    world.run(lambda pipeline: pipeline.deploy())
    seen = len(world.session.records)
    for service in SERVICES:
        for tag in world.tags(service):
            if tag.startswith("checked-"):
                world.untag(service, tag)
    world.session.script.on(terraform("plan"), Answer(exit_code=0))
    world.session.script.on(terraform("show"), Answer(stdout=plan_json()))
    world.run_id = "second"

    world.run(lambda pipeline: pipeline.deploy())

    again = [record.call for record in world.session.records[seen:]]
    tested = [call for call in again if argv("-m", "pytest")(call)]
    pulled = {str(call.args["address"]) for test in tested for call in test.line if call.field == "from"}
    assert pulled == set(world.report.release.values())
    assert not [call for call in again if call.field == "publish"]
    assert nonce_rule(tested, outside=touches_outside) == []
    assert plaintext_secrets(world.session.calls, ["123456789012-auth-token"]) == []
    assert all(any(tag.startswith("checked-") for tag in world.tags(service)) for service in SERVICES)


def test_one_service_is_planned_alone(world: World) -> None:
    """`deploy --service db-api` tests and pushes db-api only, and plans the app module only."""
    deployed = {"db_api": "old@sha256:1", "chat_api": f"chat@{whole(world.place, CHAT_API)}"}
    known = outputs_json(db_api_repo_url="r", chat_api_url=world.chat, deployed_images=deployed)
    world.session.script.on(terraform("output"), Answer(stdout=known))
    world.session.script.on(terraform("show"), Answer(stdout=plan_json(("module.app.x.y", "update"))))

    world.run(lambda pipeline: pipeline.deploy(DB_API))

    assert commands(world)[:3] == ["init", "output", "plan -target=module.app"]
    assert commands(world)[-2:] == ["plan", "show tfplan"]
    assert next(stage.result for stage in world.report.stages if stage.name == "rest").startswith("1 more change")
    assert len([record for record in world.session.records if argv("-m", "pytest")(record.call)]) == 1
    assert len([record for record in world.session.records if leaf("publish")(record.call)]) == 1
    assert set(world.report.release) == {"db-api"}


def test_the_report_is_one_json_document(deployed: World) -> None:
    """The same object is what --json prints and what a summary is made of."""
    document = json.loads(json.dumps(deployed.report.as_dict()))
    assert document["ok"] is True
    assert document["plan"]["create"] == 2
    assert all(check["ok"] for check in document["checks"])
