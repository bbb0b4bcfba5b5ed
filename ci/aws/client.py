"""AWS by boto3: who we are, and clients for the rest. All calls block; run them in a thread."""

from __future__ import annotations

import contextlib
import functools
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound

from ci.aws import errors as refusal
from ci.aws.errors import CREDENTIALS_HINT
from ci.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_sts import STSClient

    from ci.settings import Settings

# Seconds. A network that is there connects in milliseconds, so that a longer wait only delays the message.
CONNECT_TIMEOUT = 5.0


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn boto3's errors inside the block into a NotReady that says what could not be done: WHAT."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError):
        title = "There are no AWS credentials."
        raise NotReady(title, code="aws_credentials_missing", hint=CREDENTIALS_HINT) from None
    except ProfileNotFound as error:
        raise NotReady(str(error), code="aws_credentials_missing", hint=CREDENTIALS_HINT) from None
    except ClientError as error:
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        found = refusal.of(what, answer["Error"]["Code"], answer["Error"].get("Message", ""), status)
        raise NotReady(found.title, code=found.code, hint=found.hint) from None
    except BotoCoreError as error:
        title = f"AWS could not be asked to {what}: {type(error).__name__}."
        raise NotReady(title, code="aws_unreachable", hint="Check the network, the region and AWS_PROFILE.") from None


def near(address: str) -> bool:
    """Tell whether ADDRESS, a URL, is on this machine's loopback, which no proxy reaches."""
    host = ""
    with contextlib.suppress(ValueError):
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    return False


@functools.cache
def _service_models() -> Any:
    """Return boto3's descriptions of AWS's services; to read them takes a session 60 to 90 ms and its clients more."""
    return botocore.session.get_session().get_component("data_loader")


def boto3_session(region: str, credentials: Mapping[str, Any]) -> Any:
    """Return a boto3 session of `region`, with `credentials` or, where they are empty, those that boto3 finds."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _service_models())
    return boto3.Session(region_name=region, botocore_session=core, **credentials)


def shareable(client: Any) -> Any:
    """
    Return the boto3 `client`, ready for several threads at once.

    boto3 makes a client's exception classes on first use. Two threads at once make two sets of them, and an `except`
    that names one set misses the error that is raised from the other.
    """
    _ = client.exceptions
    return client


class Aws:
    """
    The AWS calls of one run, in one `region`, with the credentials that boto3 finds.

    Its clients may be used from several threads at once.
    """

    def __init__(self, settings: Settings, region: str, credentials: Mapping[str, Any] | None = None) -> None:
        self.settings = settings
        self.region = region
        with told("read the credentials"):
            self._session = boto3_session(region, credentials or {})
        self._account: str | None = None
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, name: str) -> Any:
        """
        Return the boto3 client of the service `name`; there is one for as long as this object lives.

        Making one takes 5 to 14 ms and, unlike using one, is not safe in two threads of a session at once.
        """
        with self._lock:
            if name not in self._clients:
                self._clients[name] = self._make_client(name)
            return self._clients[name]

    def _make_client(self, name: str) -> Any:
        address = self.settings.aws_endpoint_url
        config = Config(
            connect_timeout=min(CONNECT_TIMEOUT, self.settings.aws_timeout),
            read_timeout=self.settings.aws_timeout,
            # `max_attempts` would count the retries alone.
            retries={"mode": "standard", "total_max_attempts": self.settings.aws_attempts},
            s3={"addressing_style": "path"} if address else None,
            proxies={} if address and near(address) else None,
        )
        try:
            with told("read the credentials"):
                return shareable(self._session.client(name, endpoint_url=address, config=config))
        except ValueError as error:
            title = f"boto3 cannot use one of its settings: {error}."
            hint = "Correct or unset AWS_ENDPOINT_URL, or whichever AWS_ variable is meant."
            raise NotReady(title, code="settings_invalid", hint=hint) from None

    def account(self) -> str:
        """
        Return the 12-digit account the credentials belong to.

        Raises NotReady when there are none, when they have expired, or when the
        account is not the one that CAREPATH_AWS_ACCOUNT_ID allows.
        """
        if self._account is None:
            sts: STSClient = self.client("sts")
            with told("name the caller"):
                account = sts.get_caller_identity()["Account"]
            if self.settings.aws_account_id not in (None, account):
                title = f"These credentials are for account {account}, not for {self.settings.aws_account_id}."
                raise NotReady(title, code="wrong_account", hint="Choose another AWS_PROFILE or role.")
            self._account = account
        return self._account

    def credentials(self) -> dict[str, str]:
        """Return the credentials as the variables Terraform reads; raise NotReady when there are none."""
        with told("read the credentials"):
            found = self._session.get_credentials()
            if found is None:
                raise NoCredentialsError
            frozen = found.get_frozen_credentials()
        variables = {"AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key}
        if frozen.token:
            variables["AWS_SESSION_TOKEN"] = frozen.token
        return {name: value for name, value in variables.items() if value}
