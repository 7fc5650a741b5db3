#!/usr/bin/env bash
# Create .venv with the tanwei command in it, exactly as the lock file says, and see to the fonts.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

fail() { printf '%s\n' "$*" >&2; exit 1; }
can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
apt_install() { { apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }; } >/dev/null 2>&1; }

command -v "$python" >/dev/null || fail "没有找到 $python。请先安装 Python 3.11 或更高版本。"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "需要 Python 3.11 或更高版本，现为 $("$python" -V 2>&1)。"

# Debian splits venv off; without it `python3 -m venv` fails for want of ensurepip.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    can_apt && apt_install python3-venv || fail "缺少 venv 模块。请运行：sudo apt-get install python3-venv"
fi

echo "正在按 requirements.lock 安装依赖（首次约需一两分钟）……"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

# Pictures and PDF need a free Chinese font; empty boxes are never drawn.
if ! .venv/bin/python -c 'import sys; from graph.fonts import has_cjk_font; sys.exit(not has_cjk_font())'; then
    if can_apt && apt_install fonts-noto-cjk; then
        .venv/bin/python -c 'import sys; from graph.fonts import has_cjk_font; sys.exit(not has_cjk_font())' \
            || fail "已安装 fonts-noto-cjk，但仍未找到中文字体。"
        echo "已安装中文字体 fonts-noto-cjk。"
    else
        echo "提示：没有找到中文字体，关系图与 PDF 无法生成。请运行：sudo apt-get install fonts-noto-cjk" >&2
    fi
fi
echo "安装完成：.venv/bin/tanwei"
