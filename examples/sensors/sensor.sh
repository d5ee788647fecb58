# Publishes its readings; it knows nobody.
. ../../actors/shell/sluice_actor.sh

on_Start() {
  for celsius in ${args//[^0-9]/ }; do
    publish "house/$name/temperature" Reading "{\"celsius\":$celsius}"
  done
}

run_actor
