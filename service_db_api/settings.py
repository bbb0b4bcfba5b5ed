"""Everything the service may be told, by environment variables."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from service_kit import environment
from service_kit.authorization import Token

EMBEDDED = "embedded"


class Settings(environment.Settings):
    """The settings of one process; durations are in the unit their name ends with."""

    mongodb_uri: SecretStr = Field(
        description="Set it to mongodb://… or mongodb+srv://…, or to `embedded` for a database on this machine."
    )
    mongodb_db_name: str = Field("carepath", description="The database that holds the collections.")
    mongo_server_selection_timeout_ms: int = Field(
        2500, gt=0, description="How long a request waits for a reachable server."
    )
    mongo_socket_timeout_ms: int = Field(
        5000, gt=0, description="How long a request waits for a server that is connected and says nothing."
    )
    mongo_max_pool_size: int = Field(50, gt=0, description="Connections a process may hold to one server.")
    embedded_data_dir: Path | None = Field(
        None, description="Where the embedded database keeps its data; a temporary folder, removed at stop, when empty."
    )
    api_port_db_api: int = Field(
        8001,
        ge=0,
        le=65535,
        description="The port of `python -m service_db_api`, 0 for any free one; other servers have their own.",
    )
    summary_max_documents: int = Field(
        20, ge=0, le=20, description="The most documents that a summary lists, however many it is asked for."
    )
    service_token: Token | None = Field(
        None, description="What callers must show as `Authorization: Bearer …`; anybody may ask when it is empty."
    )

    @field_validator("mongodb_uri")
    @classmethod
    def _known_scheme(cls, value: SecretStr) -> SecretStr:
        uri = value.get_secret_value().strip()
        if uri != EMBEDDED and not uri.startswith(("mongodb://", "mongodb+srv://")):
            message = f"it must be `{EMBEDDED}` or begin with mongodb:// or mongodb+srv://"
            raise ValueError(message)
        return SecretStr(uri)

    @property
    def embedded(self) -> bool:
        """Whether this process brings its own database."""
        return self.mongodb_uri.get_secret_value() == EMBEDDED
