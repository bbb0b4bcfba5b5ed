"""A conversation with a patient, and what was looked up for it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from service_db_api.models import examples
from service_db_api.models.fields import (
    PLAIN,
    ConversationId,
    DocId,
    Fraction,
    Instant,
    Label,
    Milliseconds,
    Mrn,
    TraceId,
)

MAX_MESSAGES = 50
MAX_CONTENT = 8000
MAX_EVENTS = 50
MAX_RESULTS = 50
MAX_QUERY = 2000

Channel = Literal["api", "web"]
Urgency = Literal["emergency", "urgent", "soon", "routine", "info"]
TurnStatus = Literal["ok", "llm_error"]
Content = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CONTENT, pattern=PLAIN)]
Query = Annotated[str, StringConstraints(max_length=MAX_QUERY, pattern=PLAIN)]
Endpoint = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/{}_.-]{0,255}$")]


class Message(BaseModel):
    """One turn of one side; only an assistant has a model and takes time."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant", "system"]
    content: Content
    timestamp: Instant
    model_name: Label | None = None
    latency_ms: Milliseconds | None = None

    @model_validator(mode="after")
    def _only_an_assistant_computes(self) -> "Message":
        if self.role != "assistant" and (self.model_name is not None or self.latency_ms is not None):
            message = "model_name and latency_ms belong to an assistant's message"
            raise ValueError(message)
        return self


class RetrievalResult(BaseModel):
    model_config = ConfigDict(extra="forbid")

    doc_id: DocId
    score: Fraction


class RetrievalEvent(BaseModel):
    """One look-up; steps count from one."""

    model_config = ConfigDict(extra="forbid")

    step_id: Annotated[int, Field(ge=1, le=1000, strict=True)]
    query_type: Literal["db_query", "fts", "vector"]
    query: Query
    endpoint: Endpoint | None = None
    top_k: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    latency_ms: Milliseconds
    record_count: Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
    results: Annotated[list[RetrievalResult], Field(max_length=MAX_RESULTS)] = []


class Conversation(BaseModel):
    """What is said of a conversation by whoever had it; `status` tells of a turn that failed."""

    conversation_id: ConversationId | None = None
    patient_mrn: Mrn
    channel: Channel = "api"
    started_at: Instant | None = None
    ended_at: Instant | None = None
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    retrieval_events: Annotated[list[RetrievalEvent], Field(max_length=MAX_EVENTS)] = []
    trace_id: TraceId | None = None
    urgency: Urgency | None = None
    llm_mode: Label | None = None
    status: TurnStatus = "ok"


class NewChatLog(Conversation):
    """
    A conversation to be stored.

    Without times of its own it begins with its first message and ends with its
    last. Without an id it gets one that follows from its trace id, so that it
    is stored once however often it is sent.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.NEW_CHAT_LOG]})


class ChatLog(Conversation):
    """A conversation from the request to the answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CHAT_LOG]})

    conversation_id: ConversationId
    started_at: Instant
    ended_at: Instant

    @model_validator(mode="after")
    def _in_order(self) -> "ChatLog":
        if self.ended_at < self.started_at:
            message = "a conversation ends no earlier than it starts"
            raise ValueError(message)
        return self
