"""The page of chat-api offers the patients that there are, and holds to the policy it is served under."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service_chat.answer import MAX_QUERY
from service_chat.urgency import Urgency
from service_db_api.personas import FOLDER, personas

PAGE = Path(__file__).resolve().parents[2] / "service_chat" / "page"
DOCUMENT = (PAGE / "index.html").read_text(encoding="utf-8")
SCRIPTS = sorted(PAGE.glob("*.js"))
OFFERED = dict(
    re.findall(r'value="(P\d{6})" autocomplete="off"><span.+?</span><span class="about">(.+?)</span>', DOCUMENT)
)
# Ways from a text to an element or a script, and places where a text would stay.
FORBIDDEN = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function"),
    *("localStorage", "sessionStorage", "indexedDB", "document.cookie", "history.", "location", "document.title"),
    *("console.", "setAttribute('style", 'setAttribute("style'),
)


def test_patients_offered_are_the_personas() -> None:
    """All of them, and nobody else."""
    assert list(OFFERED) == [each.mrn for each in personas().patients]
    assert set(re.findall(r"P\d{6}", DOCUMENT)) - {"P000000"} == set(OFFERED)


@pytest.mark.parametrize("mrn", OFFERED)
def test_what_is_said_of_a_patient_is_on_record(mrn: str) -> None:
    """Each word of it is in the record, so that a demonstration does not promise what is not there."""
    record = (FOLDER / f"{mrn}.toml").read_text(encoding="utf-8").lower().replace("allergies", "allergy")

    for words in OFFERED[mrn].lower().split(", "):
        assert all(word in record for word in words.split())


def test_document_holds_no_script_and_no_style() -> None:
    """Under its policy neither would run."""
    assert re.findall(r"<script(?![^>]* src=)", DOCUMENT) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|https?://", DOCUMENT) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_takes_no_forbidden_way(path: Path) -> None:
    """Data becomes text, never markup, and stays in the tab."""
    text = path.read_text(encoding="utf-8")

    assert [each for each in FORBIDDEN if each in text] == []
    assert len(text.splitlines()) <= 200


def test_page_knows_what_the_service_knows() -> None:
    """Every level has its words and its shape, and the longest question is as long as there."""
    words = (PAGE / "words.js").read_text(encoding="utf-8")
    form = (PAGE / "form.js").read_text(encoding="utf-8")

    assert re.findall(r"^  (\w+): \{ word:", words, re.MULTILINE) == list(Urgency)
    assert {f"shape-{level}" for level in Urgency} <= set(re.findall(r'id="([\w-]+)"', DOCUMENT))
    assert f"LONGEST = {MAX_QUERY};" in form
    assert f"{MAX_QUERY:,} characters" in DOCUMENT


def test_page_has_words_for_every_problem() -> None:
    """Each problem that chat-api may answer is told in words of its own."""
    words = (PAGE / "words.js").read_text(encoding="utf-8")
    errors = (PAGE.parent / "errors.py").read_text(encoding="utf-8")

    codes = {*re.findall(r'code = "(\w+)"', errors), "invalid_input", "content_too_large", "draining"}
    assert codes <= set(re.findall(r"^  (\w+): \{", words, re.MULTILINE))
