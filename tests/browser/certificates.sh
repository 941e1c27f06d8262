#!/usr/bin/env bash
# The life of certificates, with a real Chromium against a Shomei of its own: customers, applications, review,
# operators, bulk, inventory. A journey is a .mjs beside this file; the order is theirs.
. "$(dirname "$0")/../system/lib.sh"
trap 'stop_instance; rm -rf "$work"' EXIT

instance "$work/a" "$(free_ports)" >&2 || { echo "not ok 1 - Shomei starts"; echo "1..1"; exit 1; }
export DEMO=$demo OUT=$work SHOMEI_SCREENSHOTS=${SHOMEI_SCREENSHOTS:-$work/screenshots} MAILS=$work/a/mail
export VAR=$work/a CTL=${SHOMEI_BUILD:-$top/build}/shomeictl NODE_NO_WARNINGS=1
mkdir -p "$SHOMEI_SCREENSHOTS"
status=0
for journey in profiles customers apply registration operators bulk certificates inventory; do
    node "$top/tests/browser/$journey.mjs" || status=1
done
exit $status
