"""Everything the service may be told, by environment variables."""

from enum import StrEnum

from pydantic import Field, HttpUrl, SecretStr

from service_kit import environment
from service_kit.authorization import Token


class LlmMode(StrEnum):
    """Who words the answers."""

    MOCK = "mock"


class VectorMode(StrEnum):
    """Where passages of documents are looked up."""

    MOCK = "mock"


class Settings(environment.Settings):
    """The settings of one process; durations are in seconds."""

    db_api_base_url: HttpUrl = Field(HttpUrl("http://localhost:8001"), description="Where db-api answers.")
    db_api_timeout_s: float = Field(3.0, gt=0, description="How long db-api may take to hand over a record.")
    service_token: Token | None = Field(None, description="What db-api asks its callers for; none when it is empty.")
    llm_mode: LlmMode = Field(LlmMode.MOCK, description="Who words the answers.")
    vector_mode: VectorMode = Field(VectorMode.MOCK, description="Where passages of documents are looked up.")
    pinecone_api_key: SecretStr | None = Field(None, description="The key of a Pinecone index; no known mode needs it.")
    pinecone_environment: str | None = Field(None, description="The Pinecone environment.")
    pinecone_index_name: str = Field("carepath-documents", description="The Pinecone index.")
