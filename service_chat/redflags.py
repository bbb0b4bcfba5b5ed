"""Rules 1 and 2: what is an emergency whatever the record says, and thoughts of self-harm."""

from service_chat import injuries, selfharm, signs, tongues
from service_chat.complaints import CONFUSION
from service_chat.facts import Look, has, takes
from service_chat.rule import Patterns, Rule
from service_chat.urgency import Urgency

CALL = "Call your local emergency number now. Do not drive yourself."
NOTE_THE_TIME = f"{CALL} Note the time the signs began."
CRISIS_LINE = "Call your local emergency number or a crisis line now, and stay with somebody you trust."
# Who has done something already needs the ambulance first.
CRISIS_AND_CALL = (
    "Call your local emergency number now. A crisis line can help you as well; stay with somebody you trust."
)


def _flag(name: str, what: str, *, also: Patterns = (), looks: tuple[Look, ...] = (), next_step: str = CALL) -> Rule:
    """Return the rule for what people say of NAME in any of the languages that are known."""
    return Rule(
        f"red_flag.{name}",
        Urgency.EMERGENCY,
        what,
        next_step,
        says=f"You describe {what}. That can be an emergency and should not wait for an answer from here.",
        heard=(*signs.HEARD.get(name, ()), *injuries.HEARD.get(name, ()), *tongues.HEARD.get(name, ())),
        fixed=(*signs.FIXED.get(name, ()), *injuries.FIXED.get(name, ()), *tongues.FIXED.get(name, ())),
        also=also,
        looks=looks,
    )


RED_FLAGS = (
    _flag("chest_pain", "chest pain"),
    _flag("stroke", "signs of a stroke", next_step=NOTE_THE_TIME),
    _flag("breathing", "trouble breathing", looks=(has("asthma or chronic lung disease"),)),
    _flag("allergic_shock", "a severe allergic reaction"),
    _flag("unconscious", "loss of consciousness or a seizure"),
    _flag("severe_bleeding", "severe bleeding", looks=(takes("anticoagulant"),)),
    _flag("head_injury", "a head injury with alarming signs", also=CONFUSION),
    _flag("worst_headache", "a sudden, very strong headache"),
    _flag("meningitis", "signs of an infection of the brain"),
    _flag("newborn", "fever in a newborn"),
    _flag("birth", "an emergency in childbirth"),
    _flag("pregnancy", "alarming signs in pregnancy"),
    _flag("injury", "a severe injury"),
    _flag("poisoning", "an overdose or poisoning"),
    _flag("named", "what you call an emergency"),
)

SELF_HARM = Rule(
    "self_harm",
    Urgency.EMERGENCY,
    "thoughts of ending your life",
    CRISIS_LINE,
    says="I am glad that you said this. You do not have to carry it alone; there are people who can help you now.",
    fixed=(*selfharm.SELF_HARM, *tongues.SELF_HARM),
    alone=True,
)
