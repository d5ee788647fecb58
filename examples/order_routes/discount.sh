# Takes off a tenth.
. ../../actors/shell/sluice_actor.sh

on_Order() { forward "$(jq -c '.price *= 0.9' <<<"$message")"; }

run_actor
