"""What all tests share: the signals a test may send."""

from __future__ import annotations

import signal

# Under `nohup`, and in some CI, SIGHUP comes in ignored and every process started here would inherit that.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
