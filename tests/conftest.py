"""What all tests share: signals that do what they do at a terminal."""

from __future__ import annotations

import signal

# Under `nohup`, or behind a shell's `&`, these come in ignored, and what is started here would inherit that.
for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)
