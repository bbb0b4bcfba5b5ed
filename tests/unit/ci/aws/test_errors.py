"""An error code of AWS's is told as what it means, with what to do."""

from __future__ import annotations

import pytest

from ci.aws import errors as refusal


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"])
def test_unknown_credentials_are_no_lack_of_rights(code: str) -> None:
    """Another role would not help."""
    found = refusal.of("name the caller", code, "The security token included in the request is invalid.", 403)

    assert found.code == "aws_credentials_unknown"
    assert "aws sso login" in found.hint


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", ""),
        ("SignatureDoesNotMatch", "Signature expired: 20261123T100000Z is now earlier than 20261123T110000Z"),
        ("InvalidSignatureException", "Signature not yet current: 20261123T130000Z is still later than"),
    ],
)
def test_wrong_time_is_told_as_such(code: str, message: str) -> None:
    """Not every service has a code of its own for it."""
    assert refusal.of("name the caller", code, message, 403).code == "clock_skewed"


@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("SlowDown", 503), ("ThrottlingException", 400)])
def test_fault_of_aws_is_no_lack_of_rights(code: str, status: int) -> None:
    """It passes, so one runs it again."""
    found = refusal.of("read the state", code, "", status)

    assert found.code == "aws_unreachable"
    assert code in found.title
    assert "again" in found.hint


def test_any_other_refusal_names_the_role() -> None:
    """Its code stands as AWS gave it."""
    found = refusal.of("read the state", "AccessDenied", "", 403)

    assert found.code == "aws_refused"
    assert found.title == "AWS refused to read the state: AccessDenied."


@pytest.mark.parametrize("text", ["", "Error: Unsupported argument", "an ExpiredTokens column", "NotExpiredToken"])
def test_words_that_tell_of_neither_are_left(text: str) -> None:
    """Whole codes count, not parts of other words."""
    assert refusal.within(text) is None
