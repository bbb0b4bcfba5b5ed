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
    nothing,
    primary_care_provider,
    vitals,
)
from service_chat.rule import Patterns, Rule
from service_chat.urgency import Urgency

ASK_PRESCRIBER = "Put further questions about it to your primary care clinic before you change anything."
MAY = "can|may|could|should|safe|ok|okay|allowed"
TAKE = "take|taking|use|using|drink|have|combine|mix"
EXTRA = "alcohol|wine|beer|vitamin*|supplement*|herbal|antihistamine*|painkiller*|grapefruit|medicine|medicines|tablet"
OWN = "medicine|medicines|medication|medications|meds|tablets|pills|prescription|prescriptions|thinner"
TELL = "reveal|print|show|list|dump|output|leak|expose|give|tell|display|export|send|read|whats|what|get"
PRIVATE = "name|names|dob|address|addresses|birth|birthday|ssn|phone|email"
OTHERS = "#mrn|patients|others|everyone|neighbour*|neighbor*|colleague*"
ROLES = "admin*|root|developer|debug|dan|jailbroken|unrestricted|superuser"
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
    Rule(
        "routine.combining",
        Urgency.ROUTINE,
        "whether medicines go together",
        "Ask a pharmacist or the clinic before you take it.",
        says="Whether something may be taken along with your medicines is a question for a pharmacist or the clinic.",
        fixed=(
            f"{MAY} ... {TAKE} ... #drug|{EXTRA} .. with|and|alongside|besides ... #drug|{OWN}",
            f"{MAY} ... {TAKE} ... {OWN} .. with|and ... #drug|{EXTRA}",
            f"interact* ... #drug|{OWN}|{EXTRA}",
            f"#drug|{OWN}|{EXTRA} ... interact*|together",
        ),
        looks=(medications,),
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
            "que|cuales|mis|lista medicamento*|medicina*|pastillas|remedios",
            "welche|was|meine|liste .. medikament*|tabletten|medizin|arznei*",
            "quels|quelles|mes|liste .. medicament*|traitement*|comprimes",
            "quali|miei|mie|lista .. farmac*|medicin*|compresse",
        ),
    ),
    _lookup(
        "conditions",
        "conditions",
        conditions,
        (
            "condition|conditions",
            "diagnos*",
            "problem list",
            "listed|recorded|documented|noted|mentioned|written .. record|records|chart|file|notes|history",
        ),
    ),
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
    _lookup(
        "last_visit", "visits", last_visit, ("when|where|what|who|whom ... last .. visit|appointment|seen|checkup",)
    ),
    _lookup(
        "provider",
        "primary care provider",
        primary_care_provider,
        (
            "who|whos|which|name .. my|the .. doctor|doctors|physician|provider|pcp|gp|clinician",
            "who .. treats|sees|treating me",
            "my|the doctor|doctors|pcp|pcps|provider|providers|physician|physicians .. called|name|named",
            "quien .. mi .. medico|medica|doctor|doctora",
            "wer .. mein|meine .. arzt|arztin|hausarzt|hausarztin",
            "qui .. mon|ma .. medecin|docteur",
            "chi .. mio|mia .. medico|dottore|dottoressa",
        ),
    ),
    _lookup(
        "vitals",
        "measurements",
        vitals,
        (
            "what|whats|last|latest .. weight !loss|gain",
            "how much .. weigh",
            "what|whats|last|latest .. blood pressure|bp|pulse|vitals",
            "what|whats|last|latest .. heart rate",
        ),
    ),
    _lookup("due_date", "due date", nothing, ("due date", "when .. baby|i due", "expected date|day .. birth|delivery")),
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
        f"you are .. {ROLES}",
        f"act|pretend|behave as|be|to .. {ROLES}",
        "developer|admin|debug|god|dan|maintenance|sudo mode",
        "reveal|repeat|print|output|show|leak|tell .. your prompt|instructions|rules|configuration|secrets|key",
        f"{TELL} ... {PRIVATE} ... {OTHERS}",
        f"{TELL} ... record|records|chart|data ... #mrn|patients|others|everyone",
        f"{PRIVATE} .. of|for .. {OTHERS}",
        "#mrn .. name|dob|address|record|chart|birthday|phone",
    ),
    alone=True,
)

FALLBACK = Rule(
    "fallback.rephrase",
    Urgency.ROUTINE,
    "something not understood",
    "Say it again in other words: what you feel, since when, or what you want to know from your record. "
    "If it may be serious or gets worse, do not wait: call the nurse line, or the emergency number in an emergency.",
    says="This could not be matched to anything that is known here.",
)
