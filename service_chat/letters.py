"""Bring whatever is typed down to plain words: how a text looks must not decide what is heard in it."""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc\u00b4`]")
# Letters that are drawn like Latin ones: Cyrillic, Greek, and Latin ones with strokes.
LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u04bb\u0456\u0458\u043a\u043c\u043d\u043e\u0440"
    "\u0441\u0442\u0443\u0445\u0455\u0501\u051b\u0475\u051d\u043f\u04cf"
    "\u03b1\u03b2\u03b5\u03b9\u03ba\u03b7\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b3\u03c9"
    "\u0131\u0261\u0251\u0142\u00f8\u0111",
    "abehijkmhopctyxsdqvwnlabeiknvoptuxywigalod",
)
# "a@b" and "pa$t": signs that stand for letters within a word.
SIGNS = re.compile(r"(?<=\w)[@$](?=\w)")
# "chest.pain", "chest...pain": points without a blank part words, but after a denial they end it.
INNER_POINTS = re.compile(r"(?<=[^\W\d_])(?:\.+|\u2026)(?=[^\W\d_])")
# A point between two digits ends no sentence.
SENTENCE_ENDS = re.compile(r"(?:[!?;:\n\r\u2026]|(?<!\d)\.|\.(?!\d))+")
COMMAS = re.compile(r"[,()\[\]{}\"\u2013\u2014]+|\s-+\s")
OTHER = re.compile(r"[^\w\s.,]|_")
# "c h e s t": four letters or more that stand alone, one blank between each two.
SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .*-][^\W\d_]){3,}(?![^\W_])")


def normalise(text: str) -> str:
    """Return TEXT as lower-case words between single blanks; ` . ` and ` , ` are all that is left of punctuation."""
    # Invisible characters go first, since they keep what is around them from being composed.
    visible = "".join(each for each in text if each.isascii() or unicodedata.category(each) != "Cf")
    plain = visible.lower() if visible.isascii() else _latin(visible)
    plain = APOSTROPHES.sub("", plain)
    plain = SIGNS.sub(lambda found: "a" if found[0] == "@" else "s", plain)
    plain = SPACED.sub(lambda found: re.sub(r"\W", "", found[0]), plain)
    plain = INNER_POINTS.sub(" , ", plain)
    plain = COMMAS.sub(" , ", SENTENCE_ENDS.sub(" . ", plain))
    plain = OTHER.sub(" ", plain)
    return f" {' '.join(plain.split())} "


def _latin(text: str) -> str:
    """Return TEXT in lower case, without accents, and with letters that look Latin made so."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(each for each in folded if not unicodedata.combining(each))
    return unicodedata.normalize("NFKC", bare.translate(LOOKALIKES)).lower()
