"""Rules 6 to 8: errands, questions to the record, and what is left."""

from service_chat.facts import (
    Look,
    allergies,
    conditions,
    history_of_named_medication,
    labs,
    last_claim,
    last_visit,
    medications,
)
from service_chat.rule import Patterns, Rule
from service_chat.urgency import Urgency

ASK_PRESCRIBER = "Put further questions about it to your primary care clinic before you change anything."
ASK_CLINIC = "Put further questions to your primary care clinic."


def _errand(name: str, what: str, next_step: str, *heard: str) -> Rule:
    return Rule(f"routine.{name}", Urgency.ROUTINE, what, next_step, says=f"This is about {what}.", fixed=heard)


def _lookup(name: str, what: str, look: Look, heard: Patterns, *, says: str = "", next_step: str = ASK_CLINIC) -> Rule:
    empty = f"Your record lists no {what}."
    return Rule(f"lookup.{name}", Urgency.INFO, what, next_step, says=says, fixed=heard, looks=(look,), empty=empty)


ERRANDS = (
    _errand(
        "refill",
        "a refill",
        "Ask for the refill through the portal or at your pharmacy.",
        "refill*",
        "renew* .. prescription|medicine|medication",
        "run|running|ran out .. of",
        "repeat|new prescription",
    ),
    _errand(
        "scheduling",
        "an appointment",
        "Call the scheduling line or use the portal to book or move a visit.",
        "appointment*",
        "move|change|cancel|postpone|book|schedule|rebook .. visit|followup|checkup",
        "move|change|cancel|postpone|book|schedule|rebook .. follow up",
        "reschedul*",
    ),
    _errand(
        "side_effect",
        "how a medicine suits you",
        "Send the clinic a message, and do not stop a prescribed medicine on your own.",
        "side effect*",
        "since .. new pill|pills|medicine|medication|tablet|dose",
    ),
)

LOOKUPS = (
    Rule(
        "lookup.medication_history",
        Urgency.INFO,
        "the history of a medicine",
        ASK_PRESCRIBER,
        fixed=(
            "why|when|who .. added|add|started|start|prescribed|prescribe|given|changed|stopped|stop",
            "why|when .. taking|take",
            "what .. for",
        ),
        needs=history_of_named_medication,
    ),
    _lookup(
        "medications",
        "current medicines",
        medications,
        (
            "what|which|list|my|all .. medicine*|medication*|meds|pills|tablets|drugs|prescriptions",
            "medicine*|medication*|meds|pills|tablets .. am i|do i|should i|on file",
        ),
    ),
    _lookup("conditions", "conditions", conditions, ("condition|conditions", "diagnos*", "problem list")),
    _lookup("allergies", "allergies", allergies, ("allerg*",)),
    _lookup(
        "claim",
        "claims",
        last_claim,
        ("claim|claims", "bill|bills|billed", "owe", "insurance", "denied"),
        says="The record does not hold the payer's reasons.",
        next_step="Call the payer and ask for the reason and for how to appeal.",
    ),
    _lookup(
        "labs", "laboratory values", labs, ("lab|labs", "a1c", "blood test|tests|work", "test results", "creatinine")
    ),
    _lookup("last_visit", "visits", last_visit, ("when|where|what .. last .. visit|appointment",)),
)

OTHERS_DATA = Rule(
    "fallback.refused",
    Urgency.ROUTINE,
    "something that cannot be done here",
    "Ask about yourself: symptoms, medicines, visits or claims.",
    says="Rules stay as they are and other people's data stay private; your own record can be asked about.",
    fixed=(
        "ignore|disregard|forget|override|bypass .. rule*|instruction*|prompt|guideline*",
        "every|all|other|another|each|someone|somebody .. patient|patients|person|persons|people|address|addresses",
        "system prompt",
    ),
    alone=True,
)

FALLBACK = Rule(
    "fallback.rephrase",
    Urgency.ROUTINE,
    "something not understood",
    "Say it again in other words: what you feel, since when, or what you want to know from your record.",
    says="This could not be matched to anything that is known here.",
)
