#!/usr/bin/env bash
# Create .venv-ftm with the official FollowTheMoney library, exactly as requirements-ftm.lock says.
# PyICU beneath it is built from source, and its bounds on networkx are narrower than ours: so it
# stands apart from .venv, and only tests use it, which are skipped where it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
own=.venv-ftm/bin/python

fail() { printf '%s\n' "$*" >&2; exit 1; }
can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
apt_install() { { apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }; } >/dev/null 2>&1; }
has_headers() { "$python" -c 'import pathlib, sys, sysconfig; sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").is_file())'; }
has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }
can_build() { has_venv && command -v g++ >/dev/null && command -v pkg-config >/dev/null && pkg-config --exists icu-i18n && has_headers; }

stamp=.venv-ftm/.ready
if [ -f "$stamp" ] && [ ! requirements-ftm.lock -nt "$stamp" ]; then
    exit 0
fi
if ! can_build; then
    packages=(g++ pkg-config libicu-dev)
    has_headers || packages+=(python3-dev)
    has_venv || packages+=(python3-venv)
    if can_apt; then apt_install "${packages[@]}" || true; fi
    can_build || fail "编译 PyICU 需要系统软件包。请运行：sudo apt-get install ${packages[*]}"
fi
echo "正在安装 followthemoney（须编译 PyICU，约需一两分钟）……"
[ -x "$own" ] || "$python" -m venv .venv-ftm
"$own" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-ftm.lock
"$own" -c 'import followthemoney'
touch "$stamp"
echo "安装完成：.venv-ftm"
