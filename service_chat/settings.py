"""Everything the service may be told, by environment variables."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, HttpUrl, SecretStr

from service_kit import environment
from service_kit.authorization import Token


class LlmMode(StrEnum):
    """Who words the answers."""

    MOCK = "mock"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class VectorMode(StrEnum):
    """Where passages of documents are looked up."""

    MOCK = "mock"
    PINECONE = "pinecone"


def _plain(value: Any) -> Any:
    """Return VALUE as a mode is written: somebody may shout it."""
    return value.strip().lower() if isinstance(value, str) else value


class Settings(environment.Settings):
    """The settings of one process; durations are in seconds, lengths in characters."""

    chat_api_port: int = Field(
        8002,
        ge=0,
        le=65535,
        description="The port of `python -m service_chat`, 0 for any free one; other servers have their own.",
    )
    db_api_base_url: HttpUrl = Field(HttpUrl("http://localhost:8001"), description="Where db-api answers.")
    db_api_timeout_s: float = Field(3.0, gt=0, description="How long db-api may take to hand over a record.")
    db_api_retries: int = Field(1, ge=0, le=3, description="How often a read is tried again that did not connect.")
    service_token: Token | None = Field(None, description="What db-api asks its callers for; none when it is empty.")
    request_deadline_s: float = Field(20.0, gt=0, description="How long a question may take in all.")
    store_chat_logs: bool = Field(default=True, description="Whether turns are kept as chat logs and audit records.")
    llm_mode: Annotated[LlmMode, BeforeValidator(_plain)] = Field(LlmMode.MOCK, description="Who words the answers.")
    llm_api_key: SecretStr | None = Field(None, description="The key of the model's vendor; asked for by real modes.")
    llm_base_url: HttpUrl | None = Field(None, description="Where the model answers; the vendor's own when not set.")
    llm_model: str | None = Field(None, description="Which model words the answers; asked for by real modes.")
    llm_timeout_s: float = Field(10.0, gt=0, description="How long the model may take.")
    llm_max_concurrency: int = Field(8, ge=1, description="How many questions are answered at once.")
    vector_mode: Annotated[VectorMode, BeforeValidator(_plain)] = Field(
        VectorMode.MOCK, description="Where passages of documents are looked up."
    )
    rag_top_k: int = Field(3, ge=1, le=10, description="How many passages an answer may rest on.")
    rag_min_score: float = Field(0.1, ge=0, le=1, description="How near a passage must be to the question.")
    context_char_budget: int = Field(6000, ge=1000, description="How much of a record a model is given.")
    pinecone_api_key: SecretStr | None = Field(None, description="The key of the Pinecone index.")
    pinecone_environment: str | None = Field(None, description="The Pinecone environment.")
    pinecone_index_name: str = Field("carepath-documents", description="The Pinecone index.")
    pinecone_host: HttpUrl | None = Field(None, description="Where the index answers; looked up by name when not set.")
    phi_hash_key: SecretStr | None = Field(
        None, description="Keys the hashes that stand for record numbers in logs; made at start when not set."
    )
