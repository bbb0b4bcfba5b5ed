#!/bin/sh
# Bring .venv to requirements/*.txt, then run the command given, if any, inside it.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
venv=.venv
locks="requirements/dev.txt requirements/terraform.txt"

# By content, not by time: a checkout of another commit must be noticed, a mere touch must not.
wanted=$(cat $locks | cksum)
if [ "$(cat $venv/locked 2>/dev/null || true)" != "$wanted" ]; then
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed, and $python is not. Try: make PYTHON=python3.12 ..." >&2
    exit 3
  }
  echo "Installing requirements/dev.txt into $venv (a minute or two, once) ..." >&2
  # --clear: what an earlier lock installed must not linger.
  "$python" -m venv --clear $venv || {
    echo "python -m venv failed. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 3
  }
  install="$venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:"
  $install -r requirements/dev.txt
  # Terraform as a library, where there is no program; it has no wheel for every machine.
  command -v terraform >/dev/null || $install -r requirements/terraform.txt ||
    echo "There is no Terraform library for this machine. Install https://developer.hashicorp.com/terraform/install" >&2
  echo "$wanted" >$venv/locked
fi
[ $# -eq 0 ] || PATH="$PWD/$venv/bin:$PATH" exec "$@"
