"""How far a long run is."""

from __future__ import annotations

import io

from service_db_api.loading.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, total: int) -> str:
    progress = Progress(stream, "Loaded", total)
    for done in range(50, total + 1, 50):
        progress(done)
    progress.close()
    return stream.getvalue()


def test_a_short_run_is_quiet() -> None:
    """The personas are there before anybody wonders."""
    assert run(io.StringIO(), 950) == ""


def test_a_log_gets_a_line_for_each_tenth() -> None:
    """Plain lines, few of them, and the last one says that all is done."""
    lines = run(io.StringIO(), 2000).splitlines()

    assert len(lines) == 10
    assert lines[0] == "Loaded 200 of 2000 patients (10 %)"
    assert lines[-1] == "Loaded 2000 of 2000 patients (100 %)"


def test_a_terminal_gets_one_line_that_changes() -> None:
    """The line is ended once, so that what follows has its own."""
    told = run(Terminal(), 2000)

    assert told.count("\r") > 20
    assert told.count("\n") == 1
    assert told.endswith("(100 %)\n")
