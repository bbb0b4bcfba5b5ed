"""The durations of a JUnit report by area, and its refusal of what is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.bench import suite

if TYPE_CHECKING:
    from pathlib import Path

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest">
<testcase classname="tests.unit.ci.aws.test_client" name="test_a[1]" time="1.5"/>
<testcase classname="tests.unit.ci.stages.test_plan.TestPlan" name="test_b" time="2.0"/>
<testcase classname="tests.docs.test_cost" name="test_c" time="0.25"/>
<testcase classname="" name="tests.architecture" time="0.000"/>
</testsuite></testsuites>
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "junit.xml"
    path.write_text(REPORT)
    return path


def test_suite_report_lists_areas_and_slowest_tests(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert suite.main([str(report), "--top", "1"]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:4] == [["unit/ci", "2", "3.5", "93%"], ["docs", "1", "0.2", "7%"], ["all", "3", "3.8", "100%"]]
    assert lines[-1] == ["2.0", "s", "tests.unit.ci.stages.test_plan.TestPlan::test_b"]


def test_suite_report_as_json_has_the_same_numbers(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert suite.main([str(report), "--json", "--top", "1"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "tests": 3,
        "seconds": 3.75,
        "areas": [{"area": "unit/ci", "tests": 2, "seconds": 3.5}, {"area": "docs", "tests": 1, "seconds": 0.25}],
        "slowest": [{"test": "tests.unit.ci.stages.test_plan.TestPlan::test_b", "seconds": 2.0}],
    }


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "no XML",
        "<html></html>",
        REPORT.replace('time="1.5"', 'time="soon"'),
        REPORT.replace('time="1.5"', ""),
        REPORT.partition("</testsuite>")[0],
    ],
    ids=["missing", "empty", "text", "another-root", "no-number", "no-time", "cut-off"],
)
def test_suite_report_that_is_none_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    path = tmp_path / "junit.xml"
    if content is not None:
        path.write_text(content)

    assert suite.main([str(path)]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{path} ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("words", [["--top", "-1"], ["--top", "many"], ["--tip", "3"]])
def test_suite_wrong_option_ends_with_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        suite.main(words)

    assert "usage: python -m tests.bench.suite" in capsys.readouterr().err
