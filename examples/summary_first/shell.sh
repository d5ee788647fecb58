#!/usr/bin/env bash
# The same in a shell. It never ends: `report` waits for the total, which waits for numbers; `tee` cannot write
# numbers any more, because `details` cannot write: its pipe is full, and `report` reads it only after the total.
# Try it with `timeout 5 bash shell.sh`.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"
mkfifo numbers total details
awk '{ sum += $1 } END { printf "total %.0f\n", sum }' < numbers > total &
seq 2000000 | tee numbers | awk '{ printf "%d %.0f\n", $1, $1 * $1 }' > details &
exec 3< total 4< details
{ cat <&3; cat <&4; } | awk 'NR <= 3; END { print NR " lines" }'
