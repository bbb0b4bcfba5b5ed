"""
Whether a model's words may be told.

They may not when they name a dose, say that something is harmless or can wait,
claim or rule out a diagnosis, tell somebody to change a medicine, or tell what
is ours: a record number, a fence of the prompt. The patterns are plain and
rather too wide: where they are wrong, the rules' own words are told instead,
which are always right enough.
"""

from __future__ import annotations

import re

from service_chat.letters import normalise

NUMBER = r"(?:\d[\d.,]*|half|one|two|three|four|five|six|eight|ten|several|a few)"
MEDICINE = r"(?:tablets?|pills?|capsules?|puffs?|drops?|doses?|spoons?|teaspoons?|sprays?|injections?)"
UNWANTED: dict[str, re.Pattern[str]] = {
    "dose": re.compile(
        rf"\b\d[\d.,]* ?(?:mg|milligrams?|mcg|micrograms?|ml|millilit\w+|g|grams?|iu|units?)\b(?! ?/? ?d ?l\b)"
        rf"|\b{NUMBER}(?: more| extra)? {MEDICINE}\b|\b(?:double|twice|once|three times|every) (?:your|the|a|daily)? ?"
        r"(?:dose|day|daily|\d+ hours)\b"
    ),
    "reassurance": re.compile(
        r"\b(?:harmless|benign|nothing (?:to worry|serious|dangerous|urgent)|not? (?:need|reason|cause) (?:to|for) "
        r"(?:worry|concern|alarm|panic|call|see|seek|go|be seen)|(?:dont|do not|neednt|need not|no need to) "
        r"(?:worry|panic|call|see|seek|go|be concerned)|not (?:an? )?(?:emergency|emergent|urgent|serious|dangerous)|"
        r"isnt (?:an? )?(?:emergency|urgent|serious|dangerous)|(?:can|could|may) (?:safely )?wait|"
        r"wait and see|will pass|goes? away (?:by|on) its|"
        r"(?:is|are|its|youre|you will be|youll be|sounds?|looks?|seems?|everything) (?:probably |likely |perfectly |"
        r"completely |absolutely |just |all )?(?:fine|ok|okay|normal|safe|nothing|mild|minor|common)|"
        r"safe to (?:take|use|wait|ignore|drive|sleep)|you can (?:safely )?(?:ignore|take|sleep|rest|drive)|"
        r"(?:low|lower|minor|less) (?:risk|urgency|urgent|priority)|ignore (?:it|this|the)|rest assured)\b"
    ),
    "diagnosis": re.compile(
        r"\byou (?:\w+ )?(?:have|are having|suffer from|dont have|do not have|are experiencing) (?:an? |the )?(?:\w+ )?"
        r"(?:heart attack|stroke|infection|angina|pneumonia|cancer|flu|covid|concussion|fracture|anxiety|"
        r"panic attack|migraine|reflux|heartburn|gastritis|appendicitis|embol\w+|sepsis|bronchitis|cold|virus|"
        r"allerg\w+ reaction|ulcer|clot|bleed)\b"
        r"|\b(?:this|it|that|these|symptoms?) (?:\w+ ){0,2}(?:is|are|isnt|not|must be|means?|looks? like|sounds? like|"
        r"indicates?|points? to|caused by|due to) (?:\w+ ){0,3}"
        r"(?:heart attack|stroke|infection|angina|pneumonia|cancer|flu|covid|concussion|anxiety|panic attack|migraine|"
        r"reflux|heartburn|gas|muscle strain|stress|virus|cold|indigestion)\b"
        r"|\b(?:my|the|your) diagnosis\b|\bi diagnose\b|\bruled? out\b|\bdiagnosed? (?:you|as)\b"
    ),
    "medicine": re.compile(
        r"\b(?:you (?:should|can|could|may|must) |please |just |then |and )?(?<!not )(?<!never )(?<!dont )"
        r"(?:stop|quit|skip|start|increase|reduce|lower|double|halve) (?:taking |using )?(?:your|the|this|that|a|an) "
        r"(?:\w+ )?(?:medic\w+|pills?|tablets?|dose|dosage|inhaler|apixaban|metformin|drug)\b"
    ),
    "ours": re.compile(r"\bp\d{6}\b|\b(?:system prompt|my instructions|my rules|decided record|as an ai)\b"),
}
FENCE = re.compile(r"</?\s*(?:decided|record|passages|question)\b", re.IGNORECASE)
# A text in another language passes all of the above, so some of these must be there.
ENGLISH = frozenset(
    {"the", "your", "you", "a", "to", "of", "and", "is", "for", "this", "that", "in", "it", "call", "be"}
)
FEW_WORDS = 4


def faults(text: str) -> list[str]:
    """Return what is wrong with TEXT, none when it may be told; in time proportional to its length."""
    plain = normalise(text)
    said = " ".join(plain.replace(" , ", " ").replace(" . ", " ").split())
    found = [name for name, pattern in UNWANTED.items() if pattern.search(said)]
    if FENCE.search(text):
        found.append("fence")
    words = [word for word in plain.split() if word.isalpha()]
    if len(words) >= FEW_WORDS and ENGLISH.isdisjoint(words):
        found.append("language")
    return found
