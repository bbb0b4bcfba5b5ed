"""The two services as data: everything the pipeline knows of one stands in its row."""

from __future__ import annotations

from dataclasses import dataclass

from ci.errors import UsageError

CHECK_LOCK = "requirements/check.txt"


@dataclass(frozen=True)
class Service:
    """
    One deployable service.

    `image_key` is its name in Terraform: the variable is `<image_key>_image`
    and the outputs are `<image_key>_repo_url` and `deployed_images.<image_key>`.
    """

    name: str
    package: str
    port: int
    repository: str
    image_key: str
    kubernetes_service: str
    # What the image may be built with besides; each has a lock of its own.
    extras: tuple[str, ...] = ()

    @property
    def dockerfile(self) -> str:
        return f"{self.package}/Dockerfile"

    @property
    def lock(self) -> str:
        return f"requirements/{self.name}.txt"

    @property
    def image_variable(self) -> str:
        return f"{self.image_key}_image"

    @property
    def tests(self) -> tuple[str, ...]:
        """The test folders that run inside the service's own image."""
        return ("tests/unit/service_kit", f"tests/unit/{self.package}")

    @property
    def test_command(self) -> list[str]:
        """The arguments with which Python runs the service's fast tests."""
        return ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *self.tests]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The paths whose content decides the image; a directory stands for all below it."""
        locks = [f"requirements/{extra}.txt" for extra in self.extras]
        return (".dockerignore", self.lock, *locks, "service_kit", self.package)

    @property
    def check_inputs(self) -> tuple[str, ...]:
        """The paths whose content decides whether the image's tests pass."""
        return (*self.inputs, *self.tests, CHECK_LOCK, "pyproject.toml")


DB_API = Service(
    name="db-api",
    package="service_db_api",
    port=8001,
    repository="carepath-db-api",
    image_key="db_api",
    kubernetes_service="db-api-service",
)
CHAT_API = Service(
    name="chat-api",
    package="service_chat",
    port=8002,
    repository="carepath-chat-api",
    image_key="chat_api",
    kubernetes_service="chat-api-service",
    extras=("anthropic", "openai", "pinecone"),
)
SERVICES = (DB_API, CHAT_API)


def select(name: str | None) -> tuple[Service, ...]:
    """Return the service called NAME, or both when it is None; raise UsageError for any other name."""
    if name is None:
        return SERVICES
    for service in SERVICES:
        if name == service.name:
            return (service,)
    known = ", ".join(service.name for service in SERVICES)
    title = f"There is no service called {name!r}."
    raise UsageError(title, code="unknown_service", hint=f"Choose one of: {known}.")
