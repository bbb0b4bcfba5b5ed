"""
Names and questions that hold a word of alarm and tell of no symptom.

Whoever speaks of a chest of drawers or of what prevents a stroke has neither.
Such words are not heard at all, so each row here must be sure of what it takes.
"""

from __future__ import annotations

import re

ILLNESS = (
    r"(?:heart attacks?|cardiac arrests?|strokes?|seizures?|convulsions|overdos(?:e|es|ing)|poisoning|anaphylaxis"
    r"|choking|chest pains?|meningitis|fainting|drowning)"
)
# Things, places and practices named after a part of the body or an illness.
NAMED = re.compile(
    r" (?:chests? of drawers|(?:medicine|treasure|tool|hope|ice|toy) chests?|chest (?:freezers?|hair)"
    r"|(?:breathing|breath) (?:exercises?|techniques?|class(?:es)?|lessons?|practice)"
    rf"|{ILLNESS} (?:clinics?|wards?|units?|departments?|nurses?|associations?|foundations?|charity|awareness|week"
    r"|prevention|risks?|leaflets?|courses?|training|class(?:es)?|survivors?|groups?|support group|research|guidelines)"
    r"|strokes? of (?:luck|genius|midnight|a pen|the pen)|(?:breast|back|brush|key|swim) ?strokes?"
    r"|(?:flu|covid|tetanus|booster|vaccine|vaccination|cortisone|steroid|b12|allergy|pneumonia|shingles) shots?"
    r"|(?:a|the|my|his|her|another|next|second|first|annual|yearly) shots?)(?= )"
)
# One nostril more or less is a cold, unless the mouth is named too.
NOSE = re.compile(
    r" (?:breathe?|breathing) (?:properly |well |at all |freely |easily )?"
    r"(?:through|thru|from|out of|via) (?:(?:my|his|her|their|the|one|either|left|right|side|of) ){0,4}"
    r"(?:nose|nostrils?|sinus(?:es)?)(?! (?:, )?(?:or|and|nor)\b)(?= )"
)
# Questions about an illness as such, or about what the record says of it.
ASKED = re.compile(
    r" (?:(?:prevents?|preventing|avoid|avoiding|risks? of|risks? for|chances? of|odds of|likelihood of|first aid for"
    r"|first aid in|first aid course on|courses? on|courses? about|training for|training in|learn about|learning about"
    r"|insurance for|insured against|leaflets? (?:on|about)|information (?:on|about)|articles? (?:on|about)"
    r"|what causes|definition of|difference between|family history of)"
    rf" (?:a |an |the |another |having a |having an |getting a )?{ILLNESS}"
    rf"|(?:is|was|are|were) (?:a|an|the|my|any|that|there a|there any)? ?{ILLNESS}"
    r"(?= (?:listed|recorded|documented|noted|mentioned|written|hereditary|genetic|covered|on (?:my )?(?:file|record)"
    r"|in my (?:record|records|chart|file|notes|history)) ))(?= )"
)
# With one of these a question is about somebody who has it.
HAD = frozenset(
    {
        *("having", "think", "now", "feel", "feels", "feeling", "signs", "symptoms", "suddenly", "sudden", "just"),
        *("currently", "today", "tonight", "started", "happening", "looks", "baby", "newborn", "infant", "blue"),
        *("lips", "face", "collapsed"),
    }
)


def without_innocent(text: str) -> str:
    """Return TEXT, as `letters` leaves it, with each such name or question as one word that nothing listens for."""
    text = NAMED.sub(" thing", text)
    if HAD.isdisjoint(text.split()):
        text = ASKED.sub(" thing", NOSE.sub(" thing", text))
    return text
