"""What all tests share: signals and a make that do what they do at a terminal."""

from __future__ import annotations

import os
import signal

# Under `nohup`, or behind a shell's `&`, these come in ignored, and what is started here would inherit that.
for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

# Under `make test` these say that a make is asked for by another, which then tells of its directory.
for name in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):
    os.environ.pop(name, None)
