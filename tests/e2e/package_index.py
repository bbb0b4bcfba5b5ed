"""A package index on this machine: wheels made here, the installed uv among them."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import stat
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

POLL = 0.05


def wheel(folder: Path, name: str, version: str, files: dict[str, bytes], tag: str = "py3-none-any") -> Path:
    """Write a wheel of `files`, path in it -> content, into `folder` and return its path."""
    information = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{information}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{path},sha256={hashed(content)},{len(content)}\n" for path, content in files.items())
    files[f"{information}/RECORD"] = f"{record}{information}/RECORD,,\n".encode()
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_STORED) as archive:
        for inner, content in files.items():
            entry = zipfile.ZipInfo(inner)
            entry.external_attr = (stat.S_IFREG | 0o755) << 16
            archive.writestr(entry, content)
    return path


def hashed(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def uv_wheel(folder: Path) -> Path:
    """Write the wheel of the uv that is installed here into `folder`: the program, under its name."""
    found = importlib.metadata.distribution("uv")
    program = next(Path(str(path.locate())) for path in found.files or () if path.parts[-2:] == ("bin", "uv"))
    script = f"uv-{found.version}.data/scripts/uv"
    return wheel(folder, "uv", found.version, {script: program.read_bytes()})


def requirement(path: Path) -> str:
    """Return the line of a lock for the wheel at `path`."""
    name, version, *_ = path.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class PackageIndex:
    """Serves the wheels in `folder` as an index until the block ends; `status` is what it answers with instead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.status = 200
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"index": self}))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(POLL,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/simple"


class _Handler(BaseHTTPRequestHandler):
    index: PackageIndex

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        self.index.asked.append(self.path)
        content = self._content()
        self.send_response(self.index.status if content is not None else 404)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def _content(self) -> bytes | None:
        name = self.path.rstrip("/").rpartition("/")[2]
        if self.path.startswith("/simple/"):
            found = sorted(self.index.folder.glob(f"{name.replace('-', '_')}-*.whl"))
            links = "".join(f'<a href="/files/{path.name}">{path.name}</a>' for path in found)
            return links.encode() if found else None
        path = self.index.folder / name
        return path.read_bytes() if path.is_file() else None
