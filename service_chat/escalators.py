"""Rule 3: what becomes urgent because of what the record holds. The complete list of the demonstration."""

from service_chat.complaints import (
    BLACK_STOOL,
    BLEEDING,
    CANNOT_KEEP_DOWN,
    HEAD_INJURY,
    INHALER_NOT_HELPING,
    SHORT_OF_BREATH,
    VOMITING,
    WHEEZE,
)
from service_chat.facts import Look, has, names_with, reacted_to_named_drug, takes
from service_chat.rule import Patterns, Rule
from service_chat.urgency import Urgency

NURSE_LINE = "Call the nurse line today; call the emergency number if it gets worse before you reach anybody."
MATERNITY_LINE = (
    "Call the maternity line now; call the emergency number if the bleeding is heavy or painful, or if you feel faint."
)
ASK_FIRST = "Ask the clinic or a pharmacist before you take it, today if you have taken some already."
EXAMINED_TODAY = (
    "Be examined today, even when you feel fine. "
    "Call the emergency number at once for a headache, vomiting, drowsiness or confusion."
)


def _escalator(
    name: str, what: str, next_step: str, says: str, *, needs: Look, heard: Patterns = (), fixed: Patterns = ()
) -> Rule:
    return Rule(f"escalator.{name}", Urgency.URGENT, what, next_step, says=says, heard=heard, fixed=fixed, needs=needs)


ESCALATORS = (
    _escalator(
        "anticoagulant_head_injury",
        "a blow to the head",
        EXAMINED_TODAY,
        "A blow to the head counts for more while you take a blood thinner.",
        needs=takes("anticoagulant"),
        heard=HEAD_INJURY,
    ),
    _escalator(
        "anticoagulant_bleeding",
        "bleeding",
        NURSE_LINE,
        "Bleeding counts for more while you take a blood thinner.",
        needs=takes("anticoagulant"),
        heard=(*BLEEDING, *BLACK_STOOL),
    ),
    _escalator(
        "diabetes_intake",
        "vomiting or an unusual sugar reading",
        NURSE_LINE,
        "Vomiting, not eating, or a very high or low reading needs attention the same day with diabetes.",
        needs=has("diabetes"),
        heard=(
            *VOMITING,
            "sugar|sugars|glucose|reading|readings|meter|level ... high|low|under|over|above|below|#high|#low",
            "high|low .. sugar|sugars|glucose|reading*",
            "hypo|hypoglyc*|hyperglyc*|ketones",
        ),
        fixed=CANNOT_KEEP_DOWN,
    ),
    _escalator(
        "pregnancy_warning",
        "bleeding, fluid loss or fewer movements in pregnancy",
        MATERNITY_LINE,
        "This needs the maternity team now, whatever the cause turns out to be.",
        needs=has("pregnancy"),
        heard=(
            *BLEEDING,
            "water|waters broke*|breaking|leak*|gone",
            "leak*|gush|trickle .. fluid|water",
            "fluid .. leak*|loss|coming",
            "baby .. less|fewer|stopped|still|quiet",
            "less|fewer|reduced|decreased|no .. movement*|kick*",
        ),
        fixed=("baby .. not|isnt|hasnt|doesnt .. mov*|kick*", "cant|cannot|havent|dont|not .. feel|felt .. mov*|kick*"),
    ),
    _escalator(
        "lung_breathing",
        "wheeze or shortness of breath",
        NURSE_LINE,
        "Breathing trouble with a known lung condition should be looked at the same day.",
        needs=has("asthma or chronic lung disease"),
        heard=(*WHEEZE, *SHORT_OF_BREATH),
        fixed=INHALER_NOT_HELPING,
    ),
    _escalator(
        "kidney_anti_inflammatory",
        "an anti-inflammatory painkiller",
        ASK_FIRST,
        "Anti-inflammatory painkillers can harm weakened kidneys.",
        needs=names_with("anti-inflammatory", has("kidney disease")),
    ),
    _escalator(
        "recorded_reaction",
        "a drug you have reacted to",
        ASK_FIRST,
        "You name a drug that your record warns of.",
        needs=reacted_to_named_drug,
    ),
)
