#!/bin/bash
# Makes .venv from uv.lock. uv itself comes from pip, at the version that pyproject.toml requires,
# into a cache outside the checkout; Debian's Python may come without venv, then apt has it.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
version=$(sed -n 's/^required-version = "==\(.*\)"/\1/p' pyproject.toml)
uv=${XDG_CACHE_HOME:-$HOME/.cache}/bakegen/uv-$version

if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        apt-get update -qq
        apt-get install -y -qq python3-venv > /dev/null
    else
        echo "error: $python has no venv" >&2
        echo "hint: install it (Debian: apt-get install python3-venv) and run the same command again" >&2
        exit 2
    fi
fi

if [ ! -x "$uv/bin/uv" ]; then
    rm -rf "$uv.new"
    "$python" -m venv "$uv.new"
    "$uv.new/bin/pip" install --quiet --disable-pip-version-check "uv==$version"
    rm -rf "$uv"
    mv "$uv.new" "$uv"
fi

UV_PYTHON_DOWNLOADS=never "$uv/bin/uv" sync --quiet --locked --python "$(command -v "$python")"
