#!/bin/bash
# One clear error that names everything this machine lacks, before anything is installed or built.
# Without arguments all is required; with names (python git …) only those.
set -euo pipefail

lacks=()

at_least() { # WANTED FOUND
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

version_of() { # PROGRAM ARGUMENT: the first number with a dot in what it prints
    command -v "$1" > /dev/null && "$1" "$2" 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1
}

program() { # NAME MINIMUM FOUND
    if [ -z "$3" ]; then
        lacks+=("$1 $2 or newer (not found)")
    elif ! at_least "$2" "$3"; then
        lacks+=("$1 $2 or newer (found $3)")
    fi
}

engine() {
    [ "$(id -u)" = 0 ] && return
    docker info > /dev/null 2>&1 && return
    lacks+=("root, or a Docker that you may use (to build and run images)")
}

tracer() {
    [ "$(id -u)" = 0 ] && return # the suite that needs it installs it
    command -v strace > /dev/null && return
    lacks+=("strace (to stop commands at every system call)")
}

for name in "${@:-python node go git engine strace}"; do
    for each in $name; do
        case $each in
            python) program Python 3.11 "$(version_of "${PYTHON:-python3}" --version || true)" ;;
            node)
                program Node.js 20 "$(version_of node --version || true)"
                program npm 9 "$(version_of npm --version || true)"
                ;;
            go) program Go 1.26 "$(version_of go version || true)" ;;
            git) program git 2.30 "$(version_of git --version || true)" ;;
            engine) engine ;;
            strace) tracer ;;
        esac
    done
done

if [ ${#lacks[@]} -gt 0 ]; then
    echo "error: this machine lacks" >&2
    printf '  - %s\n' "${lacks[@]}" >&2
    echo "hint: install them and run the same command again; PYTHON=/path/to/python3 chooses a Python" >&2
    exit 2
fi
