"""Rules 1 and 2: what is an emergency whatever the record says, and thoughts of self-harm."""

from service_chat.complaints import CONFUSION, HEAD_INJURY
from service_chat.facts import has, takes
from service_chat.rule import Rule
from service_chat.urgency import Urgency

CALL = "Call your local emergency number now. Do not drive yourself."
NOTE_THE_TIME = f"{CALL} Note the time the signs began."
CRISIS_LINE = "Call your local emergency number or a crisis line now, and stay with somebody you trust."


def _says(what: str) -> str:
    return f"You describe {what}. That can be an emergency and should not wait for an answer from here."


def _flag(
    name: str, what: str, *heard: str, fixed: tuple[str, ...] = (), also: tuple[str, ...] = (), next_step: str = CALL
) -> Rule:
    return Rule(
        f"red_flag.{name}", Urgency.EMERGENCY, what, next_step, says=_says(what), heard=heard, fixed=fixed, also=also
    )


RED_FLAGS = (
    _flag(
        "chest_pain",
        "chest pain",
        "chest .. pain*|pressure|tight*|crush*|squeez*|hurt*|ach*|heavy|heaviness",
        "pain*|pressure|tightness|ache|heaviness|squeezing|weight .. chest",
        "heart attack",
        "elephant .. chest",
    ),
    _flag(
        "stroke",
        "signs of a stroke",
        "face|mouth|smile|eyelid .. droop*|sag*|lopsided|crooked|numb*",
        "droop* .. face|mouth",
        "speech .. slur*|garbled|gone",
        "slur* .. speech|words|speaking|talking",
        "one|left|right side .. numb*|weak*|paraly*|droop*",
        "sudden* .. weak*|numb*|blind*|confus*",
        "having a stroke",
        fixed=("cant|cannot .. move .. arm|leg|side", "cant|cannot .. speak|talk .. properly|clearly|anymore"),
        next_step=NOTE_THE_TIME,
    ),
    Rule(
        "red_flag.breathing",
        Urgency.EMERGENCY,
        "trouble breathing",
        CALL,
        says=_says("trouble breathing"),
        heard=(
            "struggling|gasping|fighting .. breath*|air",
            "lips|face|fingers|turning .. blue",
            "suffocat*|choking",
            "stopped breathing",
        ),
        fixed=(
            "cant|cannot|unable .. breathe|breath",
            "cant|cannot|unable .. finish|complete|say|speak .. sentence*|words",
            "not breathing",
        ),
        looks=(has("asthma or chronic lung disease"),),
    ),
    _flag(
        "allergic_shock",
        "a severe allergic reaction",
        "throat|tongue .. clos*|swell*|swollen|tight*",
        "swollen|swelling .. throat|tongue",
        "anaphyla*",
    ),
    _flag(
        "unconscious",
        "loss of consciousness or a seizure",
        "unconscious|unresponsive|collapsed",
        "passed|blacked|passing|blacking out",
        "fainted",
        "seizure*|convuls*",
        fixed=("wont|cant|cannot|not .. wake up", "not responding"),
    ),
    Rule(
        "red_flag.severe_bleeding",
        Urgency.EMERGENCY,
        "severe bleeding",
        CALL,
        says=_says("severe bleeding"),
        heard=(
            "vomit*|throwing|cough*|spitting .. blood",
            "heav*|profuse*|gushing|spurting|pouring .. bleed*|blood",
            "bleed*|blood .. heav*|profuse*|gushing|spurting|pouring",
        ),
        fixed=("bleed*|blood .. wont|not|doesnt|cant|never .. stop*",),
        looks=(takes("anticoagulant"),),
    ),
    _flag("head_injury", "a head injury with alarming signs", *HEAD_INJURY, also=CONFUSION),
    _flag("worst_headache", "a sudden, very strong headache", "worst headache", "thunderclap", "stiff neck .. fever"),
    _flag(
        "poisoning",
        "an overdose or poisoning",
        "overdos*",
        "poison*",
        "took|taken|swallowed|drank .. too many|much",
        "took|taken|swallowed .. whole|entire bottle|pack|box",
        "swallowed|drank .. bleach|cleaner|detergent|battery",
    ),
)

SELF_HARM = Rule(
    "self_harm",
    Urgency.EMERGENCY,
    "thoughts of ending your life",
    CRISIS_LINE,
    says="I am glad that you said this. You do not have to carry it alone; there are people who can help you now.",
    fixed=(
        "dont|not|never .. want|wanna .. live|living|alive|exist",
        "dont|not|never .. want|wanna .. be here",
        "dont|not|never .. want|wanna .. wake up",
        "no longer want .. live|alive",
        "suicid*",
        "kill|killing|hang|shoot .. myself",
        "hurting|harm|harming|cutting myself",
        "want|wanting|might|thinking|thoughts|urge .. hurt|cut myself",
        "end|ending|take|taking .. my .. life",
        "end|ending it all",
        "want|wanna|wish|ready .. die|dead",
        "better off dead",
        "better off without me",
        "no reason|point .. live|living",
        "no reason|point .. go|going on",
        "self harm*",
    ),
    alone=True,
)
