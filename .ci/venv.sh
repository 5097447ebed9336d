#!/bin/sh
# Makes .venv with the exact versions of constraints.txt: .ci/venv.sh PYTHON [EXTRA], by default with what the page needs.
# Does nothing when it is up to date.
set -eu
python=$1
extra=${2:-web}
cd "$(dirname "$0")/.."
stamp=".venv/.installed-$extra"
# Whatever the tests need includes what the butler needs, but not what fuzzing needs.
case $extra in fuzz) stamps=$stamp ;; *) stamps="$stamp .venv/.installed-dev" ;; esac
for each in $stamps; do
    [ "$each" -nt pyproject.toml ] && [ "$each" -nt constraints.txt ] && exit 0
done

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "The butler needs Python 3.11 or newer, and '$python' is none. Run: make PYTHON=/path/to/python3.11 …" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian keeps them in a package of its own.
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    sh .ci/packages.sh "$package"
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing into .venv (the first time this takes a minute) …" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[$extra]"
touch "$stamp"
