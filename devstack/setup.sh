#!/bin/sh
# Make .venv from a Python that is new enough, install the locked packages into it, and have the servers ready.
# Cheap when there is nothing to do: the lock that was installed is kept beside what it installed.
set -eu
cd "$(dirname "$0")/.."

good() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! good .venv/bin/python; then
    python=
    for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do
        if good "$candidate"; then python=$candidate; break; fi
    done
    if [ -z "$python" ]; then
        echo "RevCare needs Python 3.11 or newer, and there is none on PATH." >&2
        echo "Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python) and try again." >&2
        exit 1
    fi
    echo "setup: making .venv with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
fi

if ! cmp -s requirements.lock .venv/installed.lock; then
    .venv/bin/python -m devstack.install requirements.lock
    cp requirements.lock .venv/installed.lock
fi

# The command of operators, which an installed package brings itself.
printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/.venv/bin/python" -m operations "$@"\n' "$PWD" "$PWD" > .venv/bin/revcare
chmod +x .venv/bin/revcare

.venv/bin/python -m devstack build --quiet
