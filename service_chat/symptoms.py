"""Rules 4 and 5: what is urgent for anybody, and symptoms that want a visit within days."""

from service_chat.complaints import (
    BLACK_STOOL,
    BLEEDING,
    CANNOT_KEEP_DOWN,
    HEAD_INJURY,
    SHORT_OF_BREATH,
    VOMITING,
    WHEEZE,
)
from service_chat.facts import Look, takes
from service_chat.rule import Patterns, Rule
from service_chat.terms import DOSES
from service_chat.urgency import Urgency

TODAY = "Call the nurse line or be seen today; call the emergency number if it gets worse."
IN_THREE_DAYS = (
    "Arrange a visit within about three days. Be seen sooner for trouble breathing, severe pain, confusion, "
    "a fever that does not fall, or anything that gets worse quickly."
)
JOINTS = "knee|knees|hip|hips|shoulder|ankle|back|neck|joint|joints|wrist|elbow"
ASK_ABOUT_PILL = "Contact the clinic within a few days, and do not stop a prescribed medicine on your own."


OTHERS = "husbands|wifes|partners|mothers|fathers|mums|moms|dads|sons|daughters|friends|dogs|cats"


def _urgent(name: str, what: str, heard: Patterns, fixed: Patterns = ()) -> Rule:
    says = f"{what.capitalize()} should be looked at the same day."
    return Rule(f"urgent.{name}", Urgency.URGENT, what, TODAY, says=says, heard=heard, fixed=fixed)


def _symptom(
    name: str, what: str, heard: Patterns, looks: tuple[Look, ...] = (), next_step: str = IN_THREE_DAYS
) -> Rule:
    says = f"You mention {what}, which a clinician should hear about."
    return Rule(f"symptom.{name}", Urgency.SOON, what, next_step, says=says, heard=heard, looks=looks)


URGENT = (
    _urgent("shortness_of_breath", "shortness of breath or wheeze", (*SHORT_OF_BREATH, *WHEEZE)),
    _urgent("blood_in_stool", "black or bloody stool", (*BLACK_STOOL, "blood .. stool|stools|poop|urine|pee")),
    _urgent("dehydration", "being unable to keep food or drink down", (), CANNOT_KEEP_DOWN),
    _urgent("high_fever", "a high fever", ("high fever", "fever|temperature|temp .. 39*|40*|41*|102*|103*|104*|105*")),
    _urgent("blood_pressure", "a very high blood pressure", ("bp|pressure ... #highpressure",)),
    _urgent(
        "taken_wrongly",
        "a medicine that was taken otherwise than meant",
        (
            f"ate|eaten|drank|chewed|gulped|ingested .~ {DOSES}",
            f"took|taken ... wrong|twice|extra|accidentally|someones|else*|mistake ... {DOSES}",
            f"accidentally|mistakenly .. took|taken|swallowed .. {DOSES}",
            f"took|taken .. {DOSES} ... wrong|twice|again|extra|mistake|accident*",
            f"took|taken my|the|his|her {OTHERS} .. {DOSES}",
        ),
    ),
    _urgent(
        "severe_pain",
        "severe pain",
        (
            "severe|unbearable|excruciating|worst|agonizing|agonising .. pain|headache|ache",
            "pain .. unbearable|excruciating",
        ),
    ),
    _urgent(
        "heartbeat", "an irregular or racing heartbeat", ("palpitations", "heart .. racing|pounding|flutter*|skipping")
    ),
    _urgent(
        "hives",
        "hives or swelling after a medicine or food",
        ("hives", "allergic reaction", "lips|face .. swell*|swollen"),
    ),
    _urgent("swollen_leg", "a swollen or red leg", ("leg|calf .. swollen|swelling|red|hot", "swollen .. leg|calf")),
    _urgent(
        "infected_wound", "an infected wound", ("wound|cut .. infected|pus|oozing|smells", "infected .. wound|cut|foot")
    ),
)

SYMPTOMS = (
    _symptom(
        "cough_or_cold",
        "a cough, cold or fever",
        (
            "cough*",
            "fever*",
            "temperature",
            "sore throat",
            "cold|flu|chills",
            "stuffy|congest*|runny|blocked nose|sinus*|since|up",
        ),
    ),
    _symptom(
        "muscle_ache",
        "aching muscles",
        (
            "leg|legs|muscle|muscles|arm|arms|thigh*|calves .. ach*|sore|cramp*|weak",
            "ach*|sore .. legs|muscles|arms|all over",
        ),
        (takes("statin"),),
        ASK_ABOUT_PILL,
    ),
    _symptom(
        "joint",
        "pain in a joint or the back",
        (
            f"{JOINTS} .. worse|pain*|hurt*|ach*|sore|stiff*|swollen",
            f"pain*|ach*|sore|swollen .. {JOINTS}",
        ),
    ),
    _symptom("head_bump", "a blow to the head", HEAD_INJURY),
    _symptom(
        "stomach",
        "nausea, vomiting or bowel trouble",
        (*VOMITING, "nause*", "diarrh*", "constipat*", "stomach|belly|tummy"),
    ),
    _symptom("bleeding", "bleeding", BLEEDING),
    _symptom("skin", "a change of the skin", ("rash", "itch*", "lump", "mole", "bruise*|bruising", "swollen|swelling")),
    _symptom(
        "dizziness", "dizziness or tiredness", ("dizz*", "lightheaded", "tired|fatigue*|exhausted", "weak|weakness")
    ),
    _symptom(
        "mood", "anxiety, low mood or poor sleep", ("anxi*", "panic*", "depress*", "hopeless", "insomnia", "sleep")
    ),
)

# Only when no other rule has heard anything, since most of its words are part of theirs.
OTHER_SYMPTOM = _symptom(
    "other",
    "a symptom",
    ("headache*|migraine*", "pain|pains|painful", "ache|aches|aching", "hurt*", "numb*|tingling", "heartburn", "sick"),
)
