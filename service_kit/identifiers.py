"""
What identifies a person by its form alone: record numbers, dates, numbers of phones and houses of the post.

Every repetition is bounded, or begins with a sign that it cannot hold itself:
a search takes time in proportion to the text, whatever the text is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MASK = "***"
# What stands beside an identifier without a gap may be seen only once that is gone.
ROUNDS = 4
MRN = re.compile(r"P\d{6}", re.IGNORECASE)
HASHED = re.compile(r"mrn:[0-9a-f]{8}")
SIGN = re.compile(r"[0-9@]")
FORMS = re.compile(
    r"""
    (?P<mrn>   P\d{6,64})
    | (?P<kept> mrn:[0-9a-f]{8})
    # Whoever is named before a host.
    | (?P<user> ://[^/\s@]{1,256}@)
    # An address of mail, and what may hang on it without a gap.
    | [\w.+*-]{1,64}(?:@[\w.-]+)+
    | (?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)
    | (?<!\d)\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d{2})(?!\d)
    | (?<!\d)\d{1,2}\.\d{1,2}\.\d{4}(?!\d)
    # Social security.
    | (?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)
    # Telephones, with a country or within one.
    | \+\d(?:[ ().-]{0,2}\d){6,14}
    | (?:\(\d{3}\)[ ]?|(?<!\d)(?:1[-. ])?\d{3}[-. ])\d{3}[-. ]\d{4}(?!\d)
    # Nine digits or ten in one: any of the above without its marks, and the number of a provider.
    | (?<![\w.])\d{9,10}(?![\w.])
    # A ZIP code, and no port or process, which operators look for.
    | (?<![\w.:-])(?<!port\ )(?<!process\ \[)\d{5}(?:-\d{4})?(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Identifiers:
    """Finds identifiers; those of records become hashes under KEY, by which lines about one patient stay together."""

    key: bytes

    def mask(self, text: str) -> str:
        """Return TEXT without them."""
        for _ in range(ROUNDS if SIGN.search(text) else 0):
            before, text = text, FORMS.sub(self._replaced, text)
            if text == before:
                break
        return text

    def hashed(self, mrn: str) -> str:
        """Return what stands for MRN."""
        return f"mrn:{hashlib.blake2s(mrn.upper().encode(), key=self.key, digest_size=4).hexdigest()}"

    def hashed_only(self, value: object) -> str:
        """Return what stands for VALUE, which is to be the number of a record: for anything else, a mask."""
        told = value if isinstance(value, str) else ""
        if MRN.fullmatch(told):
            return self.hashed(told)
        return told if HASHED.fullmatch(told) else MASK

    def _replaced(self, found: re.Match[str]) -> str:
        text = found[0]
        if found["mrn"]:
            return self.hashed(text)
        if found["user"]:
            return f"://{MASK}@"
        return text if found["kept"] else MASK
