"""Terraform's words: arguments, and what its failures mean."""

from __future__ import annotations

import pytest

from ci.errors import PlanStale, StateLocked, TerraformFailed
from ci.terraform import cli as terraform
from ci.terraform.cli import Completed, failure, lock_info
from tests.unit.ci.scripted import outputs_json

LOCKED = """\
╷
│ Error: Error acquiring the state lock
│
│ Error message: operation error DynamoDB: PutItem, https response error
│ StatusCode: 400, ConditionalCheckFailedException: The conditional request failed
│ Lock Info:
│   ID:        2a5c0a6e-51d1-3b6f-91a1-0c5b9c0e9d77
│   Path:      carepath-tfstate/demo/terraform.tfstate
│   Who:       root@8f2b1c
│   Operation: OperationTypeApply
│   Version:   1.11.4
│   Created:   2026-11-23 10:00:00.123456789 +0000 UTC
│   Info:
│
│
│ Terraform acquires a state lock to protect the state from being written
│ by multiple users at the same time.
╵
"""
NOT_ALLOWED = """\
Error: Error acquiring the state lock

Error message: operation error DynamoDB: PutItem, https response error
StatusCode: 400, ResourceNotFoundException: Requested resource not found

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.
"""


def failed(text: str, code: int = 1) -> Completed:
    return Completed(code, "", text)


def test_lock_tells_who_holds_it_since_when() -> None:
    """Whoever waits learns for whom, and the id that unlocks when that run is dead."""
    error = failure("plan", failed(LOCKED))

    assert isinstance(error, StateLocked)
    assert error.code == "state_locked"
    assert "root@8f2b1c" in error.title
    assert "2026-11-23 10:00:00" in error.title
    assert "OperationTypeApply" in error.detail
    assert "ci/main.py unlock 2a5c0a6e-51d1-3b6f-91a1-0c5b9c0e9d77" in error.hint


def test_lock_names_the_run_where_it_is_known() -> None:
    """A container's own name says nothing; the record beside the state does."""
    error = failure("apply", failed(LOCKED), held_by=lambda: "ada@laptop at 0123456789ab")

    assert "ada@laptop at 0123456789ab" in error.title
    assert "root@" not in error.title


def test_lock_that_nobody_holds_is_no_lock() -> None:
    """A missing lock table is not told as a lock by an unknown run that one might break."""
    assert lock_info(NOT_ALLOWED) is None

    error = failure("plan", failed(NOT_ALLOWED))

    assert type(error) is TerraformFailed
    assert "ResourceNotFoundException" in error.detail


def test_other_failures_are_no_lock() -> None:
    """The word lock alone means nothing."""
    assert lock_info("Error: the lock file is missing. ID: 1") is None


@pytest.mark.parametrize("words", terraform.STALE)
def test_stale_plan_is_told_as_such(words: str) -> None:
    """A plan that no longer fits is not a failure of Terraform: it has to be made again."""
    error = failure("apply", failed(f"╷\n│ Error: {words}\n│\n╵\n"))

    assert isinstance(error, PlanStale)
    assert error.code == "plan_stale"
    assert "plan" in error.hint


def test_checksum_of_an_older_state_has_a_way_out() -> None:
    """Terraform's own advice is to wait, and nothing would come of that."""
    words = (
        "Error refreshing state: state data in S3 does not have the expected content.\n\nThe checksum calculated for"
    )
    error = failure("init", failed(f"╷\n│ {words}\n╵\n"))

    assert error.code == "state_checksum_stale"
    assert "ci/main.py unlock" in error.hint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("api error ExpiredToken: The provided token has expired.", "credentials have expired"),
        ("api error InvalidClientTokenId: The security token is invalid", "does not know these credentials"),
        ("api error RequestTimeTooSkewed: The difference is too large", "Set the clock"),
        ("api error SignatureDoesNotMatch: Signature expired: 20261123T100000Z is now earlier", "Set the clock"),
    ],
)
def test_what_aws_says_through_terraform_is_understood(words: str, said: str) -> None:
    """Terraform's own words end in advice against locks; what helps is a login, or the right time."""
    error = failure("plan", failed(f"╷\n│ Error: Error acquiring the state lock\n│\n│ {words}\n╵\n"))

    assert error.code == "terraform_plan_failed"
    assert said in error.hint


@pytest.mark.parametrize(
    ("command", "setting"), [("init", "CAREPATH_TERRAFORM_TIMEOUT"), ("apply", "CAREPATH_APPLY_TIMEOUT")]
)
def test_command_that_was_stopped_for_its_length_says_so(command: str, setting: str) -> None:
    """How long it had, and the setting that gives it more."""
    error = failure(command, Completed(1, "", "Interrupt received.", ended_after=900.0))

    assert error.code == "terraform_timeout"
    assert "900 s" in error.title
    assert setting in error.hint


def test_any_other_failure_keeps_terraforms_words() -> None:
    """The detail is what Terraform said, without its frame; the command and its code are named."""
    error = failure("init", failed("╷\n│ Error: Unsupported argument\n│\n│   on main.tf line 3:\n╵\n", code=3))

    assert type(error) is TerraformFailed
    assert error.code == "terraform_init_failed"
    assert "exit code 3" in error.title
    assert error.detail == "Error: Unsupported argument\non main.tf line 3:"


def test_long_output_keeps_its_end() -> None:
    """What went wrong stands last; a report is no log."""
    error = failure("apply", Completed(1, "\n".join(f"line {number}" for number in range(500)), ""))

    assert error.detail.splitlines()[-1] == "line 499"
    assert len(error.detail.splitlines()) == 60


def test_init_takes_the_backend_from_outside() -> None:
    """The state's place is told at init, since backend.tf is partial; nothing is asked."""
    arguments = terraform.init({"bucket": "b", "key": "demo/terraform.tfstate"})

    assert arguments[0] == "init"
    assert "-input=false" in arguments
    assert "-backend-config=bucket=b" in arguments
    assert "-backend-config=key=demo/terraform.tfstate" in arguments


def test_plan_is_saved_and_bounded() -> None:
    """A plan goes to a file, waits for the lock no longer than told, and says by its exit code what it found."""
    arguments = terraform.plan(lock_timeout=7)

    assert {"-input=false", "-detailed-exitcode", "-lock-timeout=7s", f"-out={terraform.PLAN_FILE}"} <= set(arguments)
    assert not [each for each in arguments if each.startswith(("-target", "-destroy", "-var"))]
    assert "-target=module.app" in terraform.plan(lock_timeout=7, target="module.app")
    assert "-destroy" in terraform.plan(lock_timeout=7, destroy=True)
    assert "-refresh-only" in terraform.plan(lock_timeout=7, refresh_only=True)


def test_apply_takes_the_saved_plan_and_nothing_else() -> None:
    """Nothing can be applied that was not planned: no approval in advance, no target, no variable."""
    arguments = terraform.apply(lock_timeout=7)

    assert arguments[0] == "apply"
    assert arguments[-1] == terraform.PLAN_FILE
    assert not [each for each in arguments if each.startswith(("-auto-approve", "-target", "-var", "-destroy"))]


def test_outputs_are_values_by_name() -> None:
    """A stage reads `chat_api_url`, not Terraform's envelope; an empty state has none."""
    assert terraform.outputs(outputs_json(chat_api_url="http://lb", deployed_images={"db_api": "a@b"})) == {
        "chat_api_url": "http://lb",
        "deployed_images": {"db_api": "a@b"},
    }
    assert terraform.outputs("{}") == {}
