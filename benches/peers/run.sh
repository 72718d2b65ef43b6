#!/bin/sh
# Builds leukoscope and its worker, and compares them with ONNX Runtime and PyTorch:
# benches/peers/run.sh [OPTIONS OF run.py]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# No __pycache__ among the sources.
export PYTHONDONTWRITEBYTECODE=1

venv=${LEUKOSCOPE_PEERS_VENV:-}
if [ -z "$venv" ] || [ ! -x "$venv/bin/python" ]; then
    venv=$root/target/peers-venv
    # A copy of the requirements tells a finished environment from one whose installation broke off or is out of date.
    if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install -r "$here/requirements.txt"
        cp "$here/requirements.txt" "$venv/requirements.txt"
    fi
fi

# Cargo looks for its configuration from the current directory upwards.
built=$(cd "$root" && cargo build --release --bin leukoscope --bench peers --message-format=json)
executable() {
    printf '%s\n' "$built" | "$venv/bin/python" -c '
import json, sys
kind, name = sys.argv[1:]
for line in sys.stdin:
    message = json.loads(line) if line.startswith("{") else {}
    target = message.get("target", {})
    if message.get("executable") and target.get("name") == name and kind in target.get("kind", []):
        print(message["executable"])
        break
else:
    sys.exit(f"cargo built no {kind} {name}")
' "$1" "$2"
}
worker=$(executable bench peers)
binary=$(executable bin leukoscope)
exec "$venv/bin/python" "$here/run.py" --leukoscope "$worker" --binary "$binary" "$@"
