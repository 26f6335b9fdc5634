#!/usr/bin/env bash
# Installs the package as a user would, into a virtual environment of its own, and passes all of its tests.
#   python/test.sh [FOLDER]     the environment; target/venv by default, made where there is none
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${1:-$here/../target/venv}"

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements-test.txt"
# With one collector, the one that is quickest to build: so that capturing is tested too.
MATURIN_PEP517_ARGS="--features live-container" \
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$here"
# From the tests' own folder: so that the installed package is imported, and not the one of the checkout.
cd "$here/tests"
"$venv/bin/python" -m pytest --config-file "$here/pyproject.toml" --rootdir "$here/tests" .
