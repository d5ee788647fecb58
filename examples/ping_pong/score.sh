# Writes a line for each point, and how many there were.
. ../../actors/shell/sluice_actor.sh

points=0
on_Point() {
  points=$((points + 1))
  emit "\"$msg_text\""
}
on_End() { emit "$points"; }

run_actor
