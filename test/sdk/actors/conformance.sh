# The conformance actor in bash: what each message has to do is in docs/sdk.md.
. "${BASH_SOURCE[0]%/*}/../../../actors/shell/sluice_actor.sh"

on_Start() {
  [[ $args == '{"greet":"host"'* ]] || return 0
  json -v body name="$name" key:=null
  [[ -z $key ]] || json -v body name="$name" key="$key"
  send host Started "$body"
}
on_Activate() {
  on_Start
  [[ $args == '{"woken":"host"}' ]] || return 0
  json -v body key="$msg_key"
  send host Woken "$body"
}
on_Ping() { reply Pong "{\"n\":${msg_n:-null}}"; }
on_Who() {
  json -v body name="$name" key:=null args:="$args" state:="$state"
  [[ -z $key ]] || json -v body name="$name" key="$key" args:="$args" state:="$state"
  reply Me "$body"
}
on_Echo() { reply Echo "$message"; }
on_Say() { json -v body text="$msg_text" && publish "$msg_topic" Said "$body"; }
on_Tell() { json -v body text="$msg_text" && send "$msg_to" Told "$body"; }
on_Pass() { forward "$message" $(jq -r '.then[]?' <<<"$message"); }
on_Emit() { emit "$message"; }
on_Ask() {
  json -v body text="$msg_text"
  printf -v seconds '%d.%03d' $((msg_timeout / 1000)) $((msg_timeout % 1000))
  if ask "$msg_to" Question "$body" "$seconds"; then
    reply Answer "{\"reply\":$answer}"
  else
    reply Answer "{\"code\":\"$error_code\"}"
  fi
}
on_SetOnce() { timer_once "$msg_id" "$msg_after"; }
on_SetEvery() { timer_every "$msg_id" "$msg_every"; }
on_Unset() { timer_cancel "$msg_id"; }
on_Timeout() {
  [[ $msg_id == fail ]] && { fail NO_FUNDS "too late"; return 0; }
  if [[ $msg_id == [0-9]* ]]; then json -v body id:="$msg_id"; else json -v body id="$msg_id"; fi
  send tester Ticked "$body"
}
on_Add() {
  local count=0
  [[ $state =~ \"count\":([0-9]+) ]] && count=${BASH_REMATCH[1]}
  json -v body count:=$((count + msg_n))
  save_state "$body"
  reply Total "$body"
}
on_Note() { json -v state note="$msg_text"; }
on_Load() { load_state && reply Loaded "{\"state\":$state}"; }
on_Fail() {
  case $msg_how in
  business) fail NO_FUNDS "$msg_text" '{"balance":3}' ;;
  fatal) fatal "$msg_text" ;;
  *) echo "$msg_text" && return 1 ;;
  esac
}
on_Finish() { finish "${msg_reason-}"; }
on_Exit() { reply Bye '{}' && exit "$msg_code"; }
on_Crowd() {
  local n at
  for ((n = 0; n < msg_many; n++)); do
    (
      sleep "0.$(printf '%03d' "$msg_after")"
      for ((at = 0; at < msg_count; at++)); do
        send "$msg_to" Item "{\"n\":$((n * msg_count + at)),\"pad\":\"$msg_pad\"}"
      done
    ) &
  done
  reply Begun '{}'
}
on_Print() { echo "$msg_text" && reply Printed '{}'; }
on_Many() {
  for ((n = 0; n < msg_count; n++)); do send "$sender" Item "{\"n\":$n}"; done
  reply Done '{}'
}

run_actor
