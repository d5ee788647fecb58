# Keeps what could not be delivered.
. ../../actors/shell/sluice_actor.sh

on_Reject() { emit "\"$msg_message_type to $msg_rejected_by: $msg_reason\""; }

run_actor
