"""
Python environment of the project: a virtual environment brought to locks with hashes.

pip brings uv, since pip's own settings hold for that; uv installs the rest with the same settings, of pip's variables
and files. Where uv has no wheel or fails, pip installs all of it. Only the standard library may be imported here.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import fcntl
import math
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NOT_READY = 3
INTERRUPTED = 130
TAIL = 12
ROOT = Path(__file__).resolve().parents[1]
UV_LOCK = "requirements/uv.txt"
WHEELS_ONLY = ("--require-hashes", "--only-binary", ":all:")
AGAIN = "Then run the same command again."
# Settings of pip -> the variables by which uv takes the same. A list of pip's is separated by white space.
# https://pip.pypa.io/en/stable/topics/configuration/ and https://docs.astral.sh/uv/reference/environment/
UV_NAMES = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
    "timeout": ("UV_HTTP_TIMEOUT",),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "retries": ("UV_HTTP_RETRIES",),
}
# As pip separates a list -> as uv reads it; the others take white space.
SEPARATORS = {"UV_FIND_LINKS": ","}
WHOLE_NUMBERS = ("UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES")
USER_INFO = re.compile(r"(?<=//)[^/@\s]+(?=@)")


@dataclass(frozen=True)
class Cause:
    """A reason for which an installation fails: how uv and pip word it, what to say, and what to do."""

    pattern: re.Pattern[str]
    title: str
    hint: str


def cause(pattern: str, title: str, hint: str) -> Cause:
    return Cause(re.compile(pattern, re.IGNORECASE), title, hint)


HASH = cause(
    r"Hash mismatch for|DO NOT MATCH THE HASHES",
    "A package does not match its hash in {lock}; it was not installed.",
    "Find out what changes packages on the way: an index, a proxy or a cache. Correct a wrong lock by 'make lock'.",
)
DISK = cause(
    r"No space left on device|os error 28\b|Errno 28\b|Disk quota exceeded",
    "The disk is full, and {venv} is incomplete.",
    "Free 1.5 GB where {venv} and the caches of pip and uv are.",
)
CREDENTIALS = cause(
    r"\b(?:401|403|407)\b[^\n]*(?:Unauthorized|Forbidden|Proxy Auth|Client Error)",
    "The package index refuses the credentials it got, or got none.",
    "Correct the index or its credentials in pip's settings (python3 -m pip config list).",
)
CERTIFICATE = cause(
    r"certificate verify failed|invalid peer certificate|UnknownIssuer",
    "The certificate of the package index is not trusted.",
    "Set PIP_CERT to a file with the certificates of your proxy or index.",
)
UNREACHABLE = cause(
    r"Failed to establish a new connection|NewConnectionError|Max retries exceeded|ConnectTimeout|Read ?Timeout"
    r"|NameResolutionError|ProxyError|SSLError|ConnectionReset|RemoteDisconnected|error sending request|dns error"
    r"|tcp connect error|timed out|Connection refused|Failed to fetch|connection error|\b5\d\d Server Error",
    "The package index cannot be reached.",
    "Check the network, the proxy and the index in pip's settings (python3 -m pip config list).",
)
NO_WHEEL = cause(
    r"No matching distribution|no wheels?\b|Python ABI tag|platform tag|not found in the package registry",
    "The package index has no wheel of a locked package for this Python and machine.",
    "Check the index in pip's settings (python3 -m pip config list), or use CPython 3.11 to 3.13 on Linux or macOS.",
)
READ_ONLY = cause(
    r"Permission denied|Errno 13\b|os error 13\b|Read-only file system",
    "{venv} or a cache cannot be written.",
    "Make the checkout and the caches of pip and uv writable.",
)
NO_VENV = cause(
    r"No module named '?(?:venv|ensurepip)|ensurepip is (?:not available|disabled)",
    "This Python cannot make a virtual environment.",
    "On Debian and Ubuntu: apt-get install python3-venv.",
)
UNKNOWN = cause("", "The packages of {lock} could not be installed.", "Fix what is named above.")
# The first that fits: a proxy's refusal is worded as a failed connection too, and pip words that as a missing package.
CAUSES = (NO_VENV, HASH, DISK, CREDENTIALS, CERTIFICATE, UNREACHABLE, NO_WHEEL, READ_ONLY, UNKNOWN)
# Where pip would fail like uv, or must not install what uv refused.
FINAL = (HASH, DISK)


class NotInstalledError(Exception):
    """An installation that cannot go on, with the sentence to print, what to do and the output that shows why."""

    def __init__(self, title: str, hint: str, output: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
        self.output = output


def cause_of(output: str) -> Cause:
    """Return the first of `CAUSES` that `output`, of uv or pip, tells of."""
    return next(found for found in CAUSES if found.pattern.search(output))


def failure(output: str, venv: Path, lock: str) -> NotInstalledError:
    """Return the error that describes `output` of a failed installation of `lock` into `venv`."""
    found = cause_of(output)
    names = {"venv": venv.name, "lock": lock}
    return NotInstalledError(found.title.format(**names), f"{found.hint.format(**names)} {AGAIN}", tail(output))


def tail(output: str) -> str:
    """Return the last lines of `output` without the credentials of URLs."""
    return USER_INFO.sub("****", "\n".join([line for line in output.splitlines() if line.strip()][-TAIL:]))


def pip_settings(listing: str) -> dict[str, str]:
    """
    Return option -> value of what pip's `config list` printed, as `pip install` takes it.

    The environment counts more than the section `install`, and that more than `global`.
    """
    found: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for line in listing.splitlines():
            key, separator, value = line.partition("=")
            if separator and key.startswith(f"{section}."):
                with contextlib.suppress(ValueError, SyntaxError):
                    found[key.removeprefix(f"{section}.")] = str(ast.literal_eval(value))
    return found


def as_uv(settings: Mapping[str, str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """
    Return the arguments and the environment with which uv does as pip does with `settings`.

    A variable of uv's own in `environment` counts more than pip's setting; a general one, such as a proxy, counts less.
    """
    general: dict[str, str] = {}
    own = {
        # pip takes a package from whichever index has it, and the hashes hold either way.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        # As pip, uv is to trust what the machine trusts: behind a proxy its own list of certificates does not suffice.
        "UV_SYSTEM_CERTS": "1",
    }
    for option, names in UV_NAMES.items():
        words = settings.get(option, "").split()
        for name in names if words else ():
            value = SEPARATORS.get(name, " ").join(words)
            if name in WHOLE_NUMBERS:
                value = str(math.ceil(float(value)))
            (own if name.startswith("UV_") else general)[name] = value
    if on(settings, "no-cache-dir"):
        own["UV_NO_CACHE"] = "1"
    if settings.get("keyring-provider") in {"subprocess", "import"}:
        own["UV_KEYRING_PROVIDER"] = "subprocess"
    return ["--no-index"] if on(settings, "no-index") else [], {**own, **environment, **general}


def on(settings: Mapping[str, str], option: str) -> bool:
    """Return whether the flag `option` is set, by the words that pip takes for it."""
    return settings.get(option, "").lower() in {"1", "true", "t", "yes", "y", "on"}


def as_pip(python: str = sys.executable) -> tuple[list[str], dict[str, str]]:
    """Return arguments and environment for uv by the settings of the pip of `python`; without pip, the defaults."""
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return as_uv(pip_settings(listed.stdout if listed.returncode == 0 else ""), os.environ)


def run(command: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run `command` and return its exit code and all that it printed."""
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True)
class Environment:
    """The virtual environment in the folder `venv`, which `stamp` marks as whole."""

    venv: Path
    stamp: str

    @property
    def python(self) -> str:
        return str(self.venv / "bin/python")

    @property
    def uv(self) -> str:
        return str(self.venv / "bin/uv")

    @property
    def mark(self) -> Path:
        """The file that holds the stamp; it is written last and removed first."""
        return self.venv / "locked"

    def is_whole(self) -> bool:
        """Return whether the environment has its stamp and a Python that runs."""
        with contextlib.suppress(OSError):
            if self.mark.read_text().strip() == self.stamp:
                return run([self.python, "-ISc", ""])[0] == 0
        return False

    def bring(self, locks: Sequence[str], optional: Sequence[str] = ()) -> None:
        """
        Make the environment again, with what is in `locks` and nothing else; raise NotInstalledError.

        The locks in `optional` are added where this machine can have them.
        """
        self._create()
        if reason := self._install_uv():
            self._install_by_pip(locks, reason)
        else:
            self._install(locks)
        for lock in optional:
            self._add(lock)
        self.mark.write_text(f"{self.stamp}\n")

    def _create(self) -> None:
        self.mark.unlink(missing_ok=True)
        # --clear: what an earlier lock or another Python left must not linger. ensurepip apart: venv hides its error.
        steps = (
            [sys.executable, "-m", "venv", "--clear", "--without-pip", str(self.venv)],
            [self.python, "-Im", "ensurepip", "--upgrade", "--default-pip"],
        )
        for step in steps:
            code, output = run(step)
            if code != 0:
                raise failure(output, self.venv, UV_LOCK)

    def _install_uv(self) -> str:
        """Install uv by pip; return the reason why there is none for this machine, empty where there is."""
        code, output = self._run_pip([UV_LOCK])
        if code == 0:
            return ""
        if cause_of(output) is NO_WHEEL:
            return "The package index has no uv for this machine."
        raise failure(output, self.venv, UV_LOCK)

    def _install(self, locks: Sequence[str]) -> None:
        code, output = self._run_uv("sync", locks)
        if code == 0:
            return
        found = cause_of(output)
        if found in FINAL:
            raise failure(output, self.venv, locks[0])
        self._install_by_pip(
            locks, f"{tail(output)}\nuv failed. {found.title.format(venv=self.venv.name, lock=locks[0])}"
        )

    def _install_by_pip(self, locks: Sequence[str], reason: str) -> None:
        say(f"{reason} Installing by pip instead, which takes a minute or two ...")
        code, output = self._run_pip(locks)
        if code != 0:
            raise failure(output, self.venv, locks[0])

    def _add(self, lock: str) -> None:
        code, output = self._run_uv("install", ["-r", lock]) if Path(self.uv).is_file() else (1, "")
        if code != 0:
            code, output = self._run_pip([lock])
        if code != 0:
            say(f"{tail(output)}\n{lock} cannot be installed on this machine. The rest is.")

    def _run_uv(self, command: str, arguments: Sequence[str]) -> tuple[int, str]:
        options, environment = as_pip(self.python)
        install = [self.uv, "pip", command, "--quiet", "--python", self.python, *WHEELS_ONLY, *options]
        return run([*install, *arguments], environment)

    def _run_pip(self, locks: Sequence[str]) -> tuple[int, str]:
        install = [self.python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *WHEELS_ONLY]
        install += [word for lock in locks for word in ("-r", lock)]
        code, output = run([*install, "--quiet"])
        if code != 0 and cause_of(output) is NO_WHEEL:
            # pip says so too of an index that answers with 401 or 500, and why only in its most verbose form.
            _, verbose = run([*install, "-vv"])
            output += "\n".join(line.strip() for line in verbose.splitlines() if "Could not fetch URL" in line)
        return code, output


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Keep other runs of this program out of the block: two installations into one folder would break each other."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another run is installing packages here. Waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """Bring a virtual environment to locks; return the exit code."""
    parser = argparse.ArgumentParser(description="Bring a virtual environment to locks with hashes.")
    parser.add_argument("venv", type=Path, help="the folder of the environment, which is made again")
    parser.add_argument("lock", nargs="+", help="requirements files with a hash for each package")
    parser.add_argument("--stamp", required=True, help="what marks the environment as whole, in its file `locked`")
    parser.add_argument("--optional", action="append", default=[], help="a lock that this machine may not suit")
    options = parser.parse_args(arguments)
    venv, locks = options.venv, options.lock
    environment = Environment(venv, f"{options.stamp} {sys.version_info[0]}.{sys.version_info[1]}")
    began = time.monotonic()
    try:
        with only_one(ROOT / ".carepath/environment.lock"):
            if not environment.is_whole():
                say(f"Installing {locks[0]} into {venv.name} (once for each change of the lock) ...")
                environment.bring(locks, options.optional)
                say(f"Installed in {time.monotonic() - began:.0f} s.")
    except NotInstalledError as error:
        say(f"{error.output}\n\n{error.title}\n{error.hint}".lstrip())
        return NOT_READY
    except OSError as error:
        if cause_of(str(error)) is UNKNOWN:
            raise
        found = failure(str(error), venv, locks[0])
        say(f"{found.output}\n\n{found.title}\n{found.hint}")
        return NOT_READY
    except KeyboardInterrupt:
        say(f"Interrupted: {venv.name} is incomplete. The next run makes it whole.")
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
