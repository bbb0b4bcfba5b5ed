"""Installation of the project's environment: pip's settings as uv takes them, and the causes of a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci import environment

# As pip 23.2 and uv 0.13 print them, but for the addresses.
OUTPUTS = {
    "hash, pip": (
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have\n"
            "    six==1.16.0 from https://index.example/six-1.16.0-py2.py3-none-any.whl (from -r dev.txt (line 1)):"
        ),
        environment.HASH,
    ),
    "hash, uv": (
        "error: Failed to download `six==1.16.0`\n  cause: Hash mismatch for `six==1.16.0`",
        environment.HASH,
    ),
    "disk, pip": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        environment.DISK,
    ),
    "disk, uv": (
        (
            "error: Failed to install: librt-0.16.0-cp311.whl (librt==0.16.0)\n"
            "  cause: failed to copy file from a.so to b.so: No space left on device (os error 28)"
        ),
        environment.DISK,
    ),
    "refused, pip": (
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<object>: Failed to "
            "establish a new connection: [Errno 111] Connection refused')': /simple/six/\n"
            "ERROR: No matching distribution found for six==1.16.0"
        ),
        environment.UNREACHABLE,
    ),
    "refused, uv": (
        "error: Request failed after 1 retry in 1.9s\n  cause: tcp connect error\n  cause: Connection refused",
        environment.UNREACHABLE,
    ),
    "no such host, uv": (
        "error: Request failed after 1 retry in 1.5s\n  cause: dns error\n  cause: error resolving DNS",
        environment.UNREACHABLE,
    ),
    "silent, pip": (
        "WARNING: Retrying after connection broken by 'ReadTimeoutError(\"Read timed out. (read timeout=1.0)\")'",
        environment.UNREACHABLE,
    ),
    "500, pip": (
        (
            "ERROR: No matching distribution found for uv==0.13.9\n"
            "Could not fetch URL https://index.example/simple/uv/: 503 Server Error: Service Unavailable - skipping"
        ),
        environment.UNREACHABLE,
    ),
    "401, pip": (
        (
            "ERROR: No matching distribution found for uv==0.13.9\n"
            "Could not fetch URL https://index.example/simple/uv/: 401 Client Error: Unauthorized for url - skipping"
        ),
        environment.CREDENTIALS,
    ),
    "403, uv": (
        (
            "cause: Because six was not found in the package registry and you require six==1.16.0, …\n"
            "hint: An index (https://index.example/simple) returned a 403 Forbidden error."
        ),
        environment.CREDENTIALS,
    ),
    "proxy, pip": (
        (
            "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('Tunnel "
            "connection failed: 407 Proxy Authentication Required'))'"
        ),
        environment.CREDENTIALS,
    ),
    "certificate, uv": ("  cause: invalid peer certificate: UnknownIssuer", environment.CERTIFICATE),
    "certificate, pip": (
        (
            "WARNING: Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: "
            "CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate'))'"
        ),
        environment.CERTIFICATE,
    ),
    "no wheel, pip": ("ERROR: No matching distribution found for uv==0.13.9", environment.NO_WHEEL),
    "no wheel, uv": (
        "cause: Because only-binary six==1.16.0 has no wheels with a matching Python ABI tag (e.g., `cp315`)",
        environment.NO_WHEEL,
    ),
    "no ensurepip": ("/usr/bin/python3: No module named ensurepip", environment.NO_VENV),
    "read-only": ("[Errno 30] Read-only file system: '.venv/bin'", environment.READ_ONLY),
    "anything else": ("thread 'main' panicked at src/main.rs", environment.UNKNOWN),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_cause_of_output_is_found(case: str) -> None:
    output, expected = OUTPUTS[case]

    assert environment.cause_of(output) is expected


def test_failure_names_lock_and_next_step_without_credentials() -> None:
    error = environment.failure(
        "error: Hash mismatch for `six` at https://user:planted@index.example/six.whl", Path(".venv"), "dev.txt"
    )

    assert error.title == "A package does not match its hash in dev.txt; it was not installed."
    assert error.hint.endswith("Then run the same command again.")
    assert error.output == "error: Hash mismatch for `six` at https://****@index.example/six.whl"


def test_pip_settings_from_environment_win_over_install_over_global() -> None:
    listing = (
        ":env:.timeout='60'\n"
        "global.cert='/etc/ca.pem'\n"
        "global.index-url='https://global.example/simple'\n"
        "global.timeout='5'\n"
        "install.find-links='/wheels\\n/more'\n"
        "install.index-url='https://install.example/simple'\n"
        "install.timeout='30'\n"
        "wheel.no-index='true'\n"
    )

    assert environment.pip_settings(listing) == {
        "cert": "/etc/ca.pem",
        "find-links": "/wheels\n/more",
        "index-url": "https://install.example/simple",
        "timeout": "60",
    }


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({"index-url": "https://a/simple"}, {"UV_DEFAULT_INDEX": "https://a/simple"}, id="index"),
        pytest.param({"extra-index-url": "https://a\nhttps://b"}, {"UV_INDEX": "https://a https://b"}, id="extra"),
        pytest.param({"find-links": "/a /b"}, {"UV_FIND_LINKS": "/a,/b"}, id="find-links"),
        pytest.param({"trusted-host": "a b"}, {"UV_INSECURE_HOST": "a b"}, id="trusted-host"),
        pytest.param({"cert": "/ca.pem"}, {"SSL_CERT_FILE": "/ca.pem"}, id="cert"),
        pytest.param({"client-cert": "/me.pem"}, {"SSL_CLIENT_CERT": "/me.pem"}, id="client-cert"),
        pytest.param(
            {"proxy": "http://p:1"},
            {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://p:1"},
            id="proxy",
        ),
        pytest.param({"default-timeout": "180"}, {"UV_HTTP_TIMEOUT": "180"}, id="default-timeout"),
        pytest.param({"timeout": "2.5"}, {"UV_HTTP_TIMEOUT": "3"}, id="fraction of a second"),
        pytest.param({"retries": "1"}, {"UV_HTTP_RETRIES": "1"}, id="retries"),
        pytest.param({"no-cache-dir": "true"}, {"UV_NO_CACHE": "1"}, id="no cache"),
        pytest.param({"keyring-provider": "subprocess"}, {"UV_KEYRING_PROVIDER": "subprocess"}, id="keyring"),
        pytest.param({}, {}, id="nothing"),
    ],
)
def test_pip_setting_reaches_uv(settings: dict[str, str], expected: dict[str, str]) -> None:
    arguments, found = environment.as_uv(settings, {})

    assert arguments == []
    assert found == {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "1", **expected}


def test_no_index_reaches_uv_as_argument() -> None:
    """There is no variable for it."""
    assert environment.as_uv({"no-index": "1"}, {})[0] == ["--no-index"]


def test_own_setting_of_uv_wins_and_general_one_loses_against_pip() -> None:
    surrounding = {"UV_DEFAULT_INDEX": "https://uv/simple", "HTTPS_PROXY": "http://general", "OTHER": "kept"}

    _, found = environment.as_uv({"index-url": "https://pip/simple", "proxy": "http://pip"}, surrounding)

    assert found["UV_DEFAULT_INDEX"] == "https://uv/simple"
    assert found["HTTPS_PROXY"] == "http://pip"
    assert found["OTHER"] == "kept"


def test_bug_in_installer_shows_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a user can correct becomes a sentence."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment.Environment, "bring", lambda *_: int("x"))

    with pytest.raises(ValueError, match="invalid literal"):
        environment.main([str(tmp_path / "venv"), "dev.txt", "--stamp", "x"])
