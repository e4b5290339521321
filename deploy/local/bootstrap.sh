#!/bin/sh
# Brings this machine to where Préau runs, and says what it installs and why. Nothing to do takes a blink.
#   deploy/local/bootstrap.sh         what `make run` needs
#   deploy/local/bootstrap.sh test    also what `make test` needs
# Debian 12 or Ubuntu 24.04, or later; packages are installed as root or with sudo, all else stays in this folder.
set -eu
cd "$(dirname "$0")/../.."

SUPPORTED_PYTHON='>=3.11,<3.14'
RABBITMQ=/usr/lib/rabbitmq/bin/rabbitmq-server
POLICY=/usr/sbin/policy-rc.d
# What the environment was last built from lies beside it: an equal copy means there is nothing to do.
BUILT_FROM=.venv/requirements.lock

say() { printf '%s\n' "setup: $*"; }
give_up() { printf '%s\n' "setup: $*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        give_up "this needs an administrator: please have these packages installed, then come back: $packages"
    fi
}

# install_packages <why> <package>...
install_packages() {
    why=$1
    shift
    packages=$*
    command -v apt-get >/dev/null 2>&1 || give_up "$why: please install $packages, this machine has no apt-get."
    say "$why: installing $packages from the distribution."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
    say "the package lists are old or missing: refreshing them."
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$@" >/dev/null
}

# The package would start a broker for the whole machine on port 5672, now and at every boot: Préau brings its own up.
install_rabbitmq() {
    packages=rabbitmq-server
    say "the system's own RabbitMQ service is kept switched off; Préau starts one of its own, as you, when it runs."
    if [ ! -e "$POLICY" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
        trap 'as_root rm -f "$POLICY"' EXIT
    fi
    install_packages "messages travel through RabbitMQ" $packages
    if command -v systemctl >/dev/null 2>&1; then
        as_root systemctl disable --quiet rabbitmq-server.service epmd.socket >/dev/null 2>&1 || true
    fi
}

make_tools() {
    command -v python3 >/dev/null 2>&1 || install_packages "Préau is written in Python" python3 python3-venv
    python3 -c 'import ensurepip' 2>/dev/null || install_packages "the tools get an environment of their own" python3-venv
    say "making .tools with uv, which builds the environment from the lock."
    rm -rf .tools
    python3 -m venv .tools
    .tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/local/tools.lock
}

make_environment() {
    if [ ! -x .venv/bin/python ]; then
        say "making .venv for Python $SUPPORTED_PYTHON."
        .tools/bin/uv venv --quiet --python "$SUPPORTED_PYTHON" .venv ||
            give_up "no Python $SUPPORTED_PYTHON here, and none could be fetched: please install one."
    fi
    say "installing the libraries of requirements.lock into .venv, each checked against its hash."
    # Compiled now, or every process of every run compiles again: a service then starts three times faster.
    .tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
    cp requirements.lock "$BUILT_FROM"
}

# The database's program comes with the libraries; what it needs of the system may not be there.
check_mongod() {
    mongod=$(echo .venv/lib/python3.*/site-packages/fiftyone/db/bin/mongod)
    [ -x "$mongod" ] || give_up "there is no MongoDB for $(uname -m) in requirements.lock: use make up with a Docker engine."
    if ldd "$mongod" | grep -q 'not found'; then
        install_packages "MongoDB needs a library of the system" libcurl4 libssl3
    fi
}

[ -x "$RABBITMQ" ] || install_rabbitmq
if ! cmp -s requirements.lock "$BUILT_FROM"; then
    [ -x .tools/bin/uv ] || make_tools
    make_environment
    check_mongod
fi
if [ "${1:-}" = test ] && ! command -v chromium >/dev/null 2>&1; then
    install_packages "the pages are tested in a browser" chromium ||
        give_up "the distribution has no such package; on Ubuntu it is a snap: sudo snap install chromium"
fi
