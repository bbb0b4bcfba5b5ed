"""What AWS's error codes mean and what to do then, whoever met them: boto3, or Terraform in its container."""

from __future__ import annotations

import re
from dataclasses import dataclass

CREDENTIALS_HINT = (
    "Log in (`aws sso login`), set AWS_PROFILE, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. "
    "With no account at all, `python ci/main.py rehearse` runs the same deploy on stand-ins."
)
SERVER_FAULT = 500


@dataclass(frozen=True)
class Refusal:
    """The stable name of what is wrong, a sentence about it, and what to do next."""

    code: str
    title: str
    hint: str


EXPIRED = Refusal("aws_credentials_expired", "The AWS credentials have expired.", CREDENTIALS_HINT)
UNKNOWN = Refusal("aws_credentials_unknown", "AWS does not know these credentials.", CREDENTIALS_HINT)
SKEWED = Refusal(
    "clock_skewed",
    "The clock of this machine and that of AWS differ by more than AWS accepts.",
    "Set the clock (`timedatectl set-ntp true`), then run it again.",
)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html and each service's list of common errors
MEANINGS = {
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "AuthFailure": UNKNOWN,
    "InvalidAccessKeyId": UNKNOWN,
    "InvalidClientTokenId": UNKNOWN,
    "InvalidSignatureException": UNKNOWN,
    "SignatureDoesNotMatch": UNKNOWN,
    "UnrecognizedClientException": UNKNOWN,
    "RequestTimeTooSkewed": SKEWED,
}
# A wrong clock makes a wrong signature too; only the words beside the code tell the two apart.
OF_TIME = re.compile(r"Signature (?:expired|not yet current)", re.IGNORECASE)
OVERLOADED = {"ProvisionedThroughputExceededException", "SlowDown", "Throttling", "ThrottlingException"}
WORD = re.compile(rf"\b(?:{'|'.join(sorted(MEANINGS, key=len, reverse=True))})\b")


def of(what: str, code: str, message: str = "", status: int = 0) -> Refusal:
    """Return what it means that AWS answered CODE, with MESSAGE and HTTP STATUS, when asked to do WHAT."""
    if known := MEANINGS.get(code):
        return SKEWED if OF_TIME.search(message) else known
    if status >= SERVER_FAULT or code in OVERLOADED:
        hint = "Run it again in a while: it goes on from where it was. https://health.aws.amazon.com tells how AWS is."
        return Refusal("aws_unreachable", f"AWS failed to {what}: {code}.", hint)
    hint = "Check that the role of this run may do it (docs/operations.md)."
    return Refusal("aws_refused", f"AWS refused to {what}: {code}.", hint)


def within(text: str) -> Refusal | None:
    """Return what TEXT, another program's words, says is wrong with credentials or clock; None when neither is."""
    found = WORD.search(text)
    return of("", found[0], text) if found else None
