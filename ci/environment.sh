#!/bin/sh
# Bring .venv to requirements/*.txt, then run the command given, if any, inside it.
set -eu
cd "$(dirname "$0")/.."
venv=.venv
version='import sys; print("%d.%d" % sys.version_info[:2])'

# By content, not by time: a checkout of another commit must be noticed, a mere touch must not.
locked=$(cat requirements/dev.txt requirements/terraform.txt requirements/uv.txt | cksum | tr ' ' '-')
# An interpreter that was upgraded or removed leaves a .venv that cannot run.
found=$("$venv/bin/python" -ISc "$version" 2>/dev/null || echo none)
# A .venv that is whole keeps its Python, unless PYTHON asks for another.
wanted=$found
[ -z "${PYTHON:-}" ] || wanted=$("$PYTHON" -ISc "$version" 2>/dev/null || echo unusable)

if [ "$found" != "$wanted" ] || [ "$(cat "$venv/locked" 2>/dev/null)" != "$locked $found" ]; then
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Python 3.11 or newer is needed, and '$python' is none. Try: make PYTHON=python3.12 ..." >&2
    exit 3
  }
  # Terraform as a library, where there is no program.
  library=--optional=requirements/terraform.txt
  ! command -v terraform >/dev/null || library=
  # -P: the modules next to it are not those of the standard library. $library: no word where there is none.
  "$python" -P ci/environment.py "$venv" requirements/dev.txt --stamp "$locked" $library || exit
fi
[ $# -eq 0 ] || PATH="$PWD/$venv/bin:$PATH" exec "$@"
