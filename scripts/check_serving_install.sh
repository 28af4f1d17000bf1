#!/bin/sh
# Do what the container image does, without a container: a full installation prepares the search model, a serving installation
# takes it over, indexes the demo, and answers over HTTP, MCP and the command line. Needs a package index; takes some minutes.
#
#   scripts/check_serving_install.sh [FULL]
#
# FULL is a folder with a full installation; without it one is made.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
MOST_MB=450

full=${1:-$work/full}
if [ ! -x "$full/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$full"
    "$full/bin/pip" install --quiet --disable-pip-version-check "$root"
fi

echo "Preparing the model with the full installation"
(cd "$root" && CALLBOARD_CACHE_DIR="$work/cache" "$full/bin/python" -m cli model)

echo "Installing for serving"
"$root/deploy/install-serving" "$work/serving"
size=$(du -sm "$work/serving" | cut -f 1)
echo "$size MB (at most $MOST_MB)"
[ "$size" -le "$MOST_MB" ]

cd "$work"
export CALLBOARD_CACHE_DIR="$work/cache" CALLBOARD_STORE="$work/store" PATH="$work/serving/bin:$PATH"
if python -c 'import torch' 2>/dev/null; then
    echo "torch is there" >&2
    exit 1
fi

python -c 'import sys; from datetime import UTC, datetime; from pathlib import Path; from demo_org import write_demo; write_demo(Path(sys.argv[1]), now=datetime.now(UTC))' "$work/files"
callboard index "$work/files" >/dev/null
callboard doctor --port 0
callboard ask "who owns the payment service?"
callboard ask "how do I rotate the Stripe key?" | head -n 5

callboard serve --port 0 >"$work/log" 2>"$work/err" &
server=$!
address=
for _ in $(seq 60); do
    address=$(sed -nE 's|^[^:]* (http://127\.0\.0\.1:[0-9]+).*|\1|p' "$work/log" | head -n 1)
    [ -z "$address" ] || break
    sleep 0.5
done
python - "$address" <<'PYTHON'
import asyncio, json, sys, urllib.request
from mcp.client import Client

address = sys.argv[1]
body = json.dumps({"question": "how do I rotate the Stripe key?"}).encode()
asked = urllib.request.Request(f"{address}/v1/ask", body, {"Content-Type": "application/json"})
assert json.load(urllib.request.urlopen(asked))["status"] == "answered"

async def ask():
    async with Client(f"{address}/mcp") as client:
        return (await client.call_tool("ask", {"question": "who owns the payment service?"})).structured_content

assert asyncio.run(ask())["results"][0]["ref"] == "group:default/payments"
print("HTTP and MCP answer")
PYTHON
