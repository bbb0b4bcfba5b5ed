"""What is asked and what is answered, as callers see it."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticKnownError

from service_chat.settings import LlmMode, VectorMode
from service_chat.urgency import Urgency

MAX_QUERY = 2000
# Categories of Unicode: others, marks and separators. Letters that are drawn as nothing.
UNSEEN, FILLERS = "CMZ", frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Who words an answer when no model does.
RULES = "rules"
DISCLAIMER = (
    "This is a demonstration on synthetic data and not medical advice. "
    "In an emergency call your local emergency number."
)


def _legible(query: str) -> str:
    """Return QUERY if there is anything in it to be seen; marks, blanks and what joins or parts them are not."""
    if all(unicodedata.category(each)[0] in UNSEEN or each in FILLERS for each in query):
        raise PydanticKnownError("string_too_short", {"min_length": 1})  # noqa: EM101 - a name, no sentence
    return query


class Question(BaseModel):
    """A patient's question; blanks around it do not count."""

    model_config = ConfigDict(extra="forbid")

    patient_mrn: Annotated[str, Field(pattern=r"^P[0-9]{6}$", examples=["P000102"])]
    query: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY),
        AfterValidator(_legible),
        Field(examples=["I slipped and hit my head, there is a bump but I feel fine."]),
    ]


class Known(BaseModel):
    """An entry of the record that the answer rests on."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(examples=["medication"])
    text: str = Field(examples=["apixaban, a blood thinner"])


class Cited(BaseModel):
    """A document of the patient's that touches on the question; `score` goes from 0 to 1."""

    model_config = ConfigDict(from_attributes=True)

    doc_id: str = Field(examples=["DOC-CAREPLAN-P000102-2025"])
    title: str = Field(examples=["Atrial fibrillation care plan 2025"])
    score: float = Field(examples=[0.41])
    passage: str = Field(
        validation_alias="text", examples=["After any fall with a blow to the head: be examined the same day."]
    )


class LookedUp(BaseModel):
    """How documents were searched; `latency_ms` is wall time."""

    model_config = ConfigDict(from_attributes=True)

    mode: VectorMode = Field(examples=["mock"])
    top_k: int = Field(examples=[3])
    latency_ms: float = Field(examples=[0.4])


class Answer(BaseModel):
    """`inference_time_ms` is the wall time of wording the answer, and of nothing else."""

    trace_id: str = Field(examples=["0af7651916cd43dd8448eb211c80319c"])
    patient_mrn: str = Field(examples=["P000102"])
    query: str = Field(examples=["I slipped and hit my head, there is a bump but I feel fine."])
    llm_mode: LlmMode = Field(
        description="Who is asked to word answers; `worded_by` says who did.", examples=["openai"]
    )
    worded_by: str = Field(
        description=(
            "`rules` when `response` is theirs alone, as it always is in mock mode, when no model was needed or could "
            "answer an emergency, and when what it said may not be told; else the mode whose model worded it. In an "
            "emergency the rules' words still come first."
        ),
        examples=["openai"],
    )
    response: str = Field(examples=["A blow to the head counts for more while you take a blood thinner."])
    urgency: Urgency = Field(examples=["urgent"])
    next_step: str = Field(examples=["Be examined today, even when you feel fine."])
    matched_rules: list[str] = Field(examples=[["escalator.anticoagulant_head_injury", "symptom.head_bump"]])
    facts: list[Known]
    citations: list[Cited]
    retrieval: LookedUp
    disclaimer: str = Field(DISCLAIMER, examples=[DISCLAIMER])
    conversation_id: str | None = Field(
        description="The id of this turn in the chat logs; null when turns are not kept.",
        examples=["CONV-3f2b8c1d4e5f60718293a4b5c6d7e8f9"],
    )
    inference_time_ms: float = Field(examples=[0.05])


class Assessed(BaseModel):
    """What the rules say, before anybody has worded it."""

    trace_id: str
    urgency: Urgency
    next_step: str
    matched_rules: list[str]
    facts: list[Known]


class Delta(BaseModel):
    """Words to be added to what was told."""

    text: str
