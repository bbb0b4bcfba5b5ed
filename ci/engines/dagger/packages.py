"""Python packages in containers, brought by the installer that brings them to a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagger import dag

from ci.settings import ROOT

if TYPE_CHECKING:
    import dagger

INSTALLER = "ci/environment.py"
UV_LOCK = "requirements/uv.txt"
VENV = "/opt/venv-of-lock"
SITE_PACKAGES = "/opt/site-packages"
# The folder of a venv that holds its packages has Python's version in its path. A layer's folders can only be copied.
MOVE = f"import glob, shutil; shutil.move(*glob.glob('{VENV}/lib/python3*/site-packages'), '{SITE_PACKAGES}')"


def with_venv(container: dagger.Container, venv: str, lock: str) -> dagger.Container:
    """
    Return `container`, which has Python, with the virtual environment `venv` that has the packages of `lock`.

    A pure step: the same lock comes out of the engine's cache, and for another one the downloads of pip and uv do,
    which are kept in volumes.
    """
    files = dag.host().directory(str(ROOT), include=[INSTALLER, UV_LOCK, lock])
    return (
        container.with_directory("/opt/install", files)
        .with_workdir("/opt/install")
        .with_mounted_cache("/root/.cache/pip", dag.cache_volume("carepath-pip"))
        .with_mounted_cache("/root/.cache/uv", dag.cache_volume("carepath-uv"))
        # A volume is another file system, so nothing can be linked from it.
        .with_env_variable("UV_LINK_MODE", "copy")
        .with_exec(["python", "-P", INSTALLER, venv, lock, "--stamp", "engine"])
    )


def site_packages(container: dagger.Container, lock: str) -> dagger.Directory:
    """Return the packages of `lock` alone, as a folder for PYTHONPATH, made with the Python of `container`."""
    return with_venv(container, VENV, lock).with_exec(["python", "-c", MOVE]).directory(SITE_PACKAGES)
