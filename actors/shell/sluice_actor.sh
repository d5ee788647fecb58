# Actors for Sluice in bash 4.2 and later, with jq 1.6 or later: one file.
#
#   . sluice_actor.sh
#   on_Ping() { reply Pong "{\"count\":$msg_count}"; }
#   run_actor
#
# A function `on_<message type>` handles messages of a type (signs that no name can have become `_`), on_receive takes
# the rest. It finds, as variables:
#
#   type sender id correlation topic key    of the envelope; empty where there is none
#   route headers                           the same, as JSON
#   message                                 the payload as JSON
#   msg_<field>                             each field of the payload: text as it is, all else as JSON, null as nothing
#   name args state                         of the actor; args and state as JSON. Assign to state what is to be kept.
#
# What it prints goes to stderr. A status other than 0 is an unexpected error. `exit 0` ends the actor well: the message
# counts as handled. Jobs in the background may send; lines beyond 4 KiB of several at once may get mixed. See
# docs/sdk.md.

# --- what an actor can do ---------------------------------------------------------------------------------------

# reply TYPE JSON: answers the message.
reply() {
  [[ -z $sender && -z $id ]] && return 0
  __to_sender
  __text "$1"
  __write "{\"message_type\":$__q,$__head\"message\":${2:-null}}"
}

# send TO TYPE JSON
send() {
  __text "$1"
  __line "\"receiver\":$__q," "$2" "${3:-null}"
}

# publish TOPIC TYPE JSON: to everybody whose `subscribe` matches.
publish() {
  __text "$1"
  __line "\"topic\":$__q," "$2" "${3:-null}"
}

# forward JSON [ACTOR...]: to the next actor of the message's route, or to `happy-end` after the last; those named come
# before that.
forward() {
  local payload=$1 then=() each parts
  shift
  for each; do __text "$each" && then+=("$__q"); done
  __text "$name"
  parts=$(IFS=, && jq -rc --argjson headers "${headers:-null}" '
    (if type == "object" then . else {actors: ['"$__q"'], current: 0} end) | ((.current // 0) + 1) as $ahead |
    .actors = .actors[:$ahead] + ['"${then[*]}"'] + .actors[$ahead:] | .current = $ahead |
    "\"route\":\(tojson)," + if $headers == null then "" else "\"headers\":\($headers | tojson)," end
  ' <<<"${route:-null}")
  __line "$parts" "$type" "$payload"
}

# emit JSON: one line on the actor's stdout stream, for byte actors.
emit() {
  __by
  __write "{$__key\"message\":$1}"
}

# fail CODE TEXT [DETAILS]: a business error; the sender gets a failure reply. A message on a route goes to error-end.
fail() {
  local body
  __text "$1"
  body="{\"code\":$__q,\"message\":"
  __text "$2"
  __answerable || {
    printf '%s: %s\n' "$1" "$2" >&2
    __own_error="$body$__q}"
    return 0
  }
  body+="$__q${3:+,\"details\":$3}}"
  if [[ $route == \{* && -z $asks ]]; then
    __line "\"route\":$route,${headers:+\"headers\":$headers,}\"error\":$body," "$type" "$message"
    return
  fi
  [[ -z $id || -n $error ]] && return 0
  __to_sender
  __write "{\"message_type\":\"Failure\",$__head\"error\":$body,\"message\":null}"
}

# finish [REASON]: the run is over; its sources stop and every actor gets Shutdown.
finish() {
  local body='{}'
  [[ -z ${1-} ]] || json -v body reason="$1"
  __line '"receiver":"$flow",' Finish "$body"
}

# fatal TEXT: ends the process; its supervisor decides.
fatal() {
  printf '%s\n' "$1" >&2
  exit 1
}

# ask TO TYPE JSON [SECONDS]: waits for the reply. Its payload is in $answer, its fields in $answer_<field>; without a
# good one the status is 1 and the reason in $error_code and $error_message.
ask() {
  local seconds=${4:-5} identity deadline line found=
  __uuid
  identity=$__new_id
  __milliseconds "$seconds"
  __text "$1"
  __line "\"receiver\":$__q,\"message_id\":\"$identity\",\"headers\":{\"ask\":$__ms}," "$2" "${3:-null}"
  __now
  deadline=$((__now_ms + __ms + 500))
  answer='' error_code='' error_message=''
  while [[ -z $found ]]; do
    __read_until "$deadline" line || {
      local status=$?
      ((status > 128)) && __late=" $identity${__late:0:4000}"
      error_code=CLOSED error_message="Input ended before the reply came"
      ((status > 128)) && error_code=TIMEOUT error_message="No reply of '$1' within $seconds s"
      return 1
    }
    [[ $line == *"correlation=\$'$identity'"* ]] && found=$line
    [[ -n $found ]] || __queue+=("$line")
  done
  __take_answer "$found"
}

# timer_once ID AFTER, timer_every ID EVERY: milliseconds, or a text such as 5s; on_Timeout finds $msg_id.
timer_once() { __timer Once "$1" after "$2"; }
timer_every() { __timer Every "$1" every "$2"; }

# timer_cancel ID: no Timeout of it is handled from now on.
timer_cancel() {
  __cancelled["$key $1"]=1
  __value "$1"
  __line '"receiver":"$timer",' Cancel "{\"id\":$__q}"
}

# save_state [JSON]: keeps $state, for a restart or the next activation.
save_state() {
  ((${#})) && state=$1
  __saved["k$key"]=$state
  __line '"receiver":"$state",' Save "$state"
}

# load_state: sets $state to what was saved last.
load_state() {
  # shellcheck disable=SC2016
  ask '$state' Load '{}' || return
  state=$(jq -c .state <<<"$answer")
  __saved["k$key"]=$state
}

# json [-v VARIABLE] NAME=TEXT NAME:=JSON ...: prints an object, or assigns it, which is faster.
json() {
  local each made='' variable=''
  [[ $1 == -v ]] && { variable=$2; shift 2; }
  for each; do
    if [[ $each == *:=* && ${each%%:=*} != *=* ]]; then
      __text "${each%%:=*}"
      made+=",$__q:${each#*:=}"
    else
      __text "${each%%=*}"
      made+=",$__q:"
      __text "${each#*=}"
      made+=$__q
    fi
  done
  if [[ -n $variable ]]; then printf -v "$variable" '{%s}' "${made:1}"; else printf '{%s}' "${made:1}"; fi
}

# field PATH: prints what jq finds in the message.
field() { jq -r "$1" <<<"$message"; }

# run_actor: serves until Shutdown or the end of input.
run_actor() {
  exec 3>&1 1>&2
  exec 4< <(__read_input 3>&-)
  exec 0</dev/null
  declare -gA __cancelled=() __saved=() __states=()
  __queue=() __live=() __late='' __rest='' __host='' __own='' __own_error='' __busy='' __failed=0 asks=''
  name=${SLUICE_ACTOR-} args=null state=null key='' sender='' id='' error='' route='' headers=''
  [[ ${SLUICE_SUPERVISOR-} == keyed ]] && __host=1
  trap __leave EXIT
  local line
  while __next line; do
    __handle "$line" || break
  done
  trap - EXIT
  exit "$__failed"
}

# wait, as ever: for the jobs of the actor. Without arguments bash would wait for the reader of the input as well, for ever.
wait() {
  local -a jobs
  if ((${#})); then
    builtin wait "$@"
  else
    mapfile -t jobs < <(jobs -p)
    ((${#jobs[@]} == 0)) || builtin wait "${jobs[@]}"
    return 0
  fi
}

# --- inside -----------------------------------------------------------------------------------------------------

# From an envelope to assignments, one line each; \$'…' takes the escapes of JSON.
__jq='
def quoted: (if . == null then "" elif type == "string" then . else tojson end)
  | tojson | .[1:-1] | split("\u0027") | join("\\\u0027") | "$\u0027" + . + "\u0027";
. as $line | (try fromjson catch null) as $e |
if ($e | type) == "object" and (($e.message_type // "") | type) == "string" then
  "type=\($e.message_type | quoted) sender=\($e.sender_actor | quoted) id=\($e.message_id | quoted)" +
  " correlation=\($e.correlation_id | quoted) topic=\($e.topic | quoted) receiver=\($e.receiver | quoted)" +
  " error=\($e.error | quoted) route=\($e.route | quoted) headers=\($e.headers | quoted) asks=\(if ($e.headers | type) == "object" then $e.headers.ask else null end | quoted)" +
  " message=\($e.message | tojson | quoted) fields=(" +
  (if ($e.message | type) == "object" then
    [$e.message | to_entries[] | select(.key | test("^[A-Za-z_][A-Za-z0-9_]*$")) | .key, (.value | quoted)] | join(" ")
  else "" end) + ")" +
  (if $e.message_type == "Start" or $e.message_type == "Activate" then
    " given_args=\($e.message.args? | tojson | quoted) given_state=\($e.message.state? | tojson | quoted)"
  else "" end)
elif ($line | test("^\\s*$")) then empty
else "broken=\($line[:200] | quoted)"
end'

# Lines of input as lines of assignments. As raw text, jq before 1.7 breaks characters of lines beyond 64 KiB.
__read_input() {
  local version
  version=$(jq --version)
  if [[ $version =~ ^jq-1\.[0-6]([^0-9]|$) ]]; then
    LC_ALL=C sed -u 's/[\\"]/\\&/g; s/\t/\\t/g; s/^/"/; s/$/"/' | jq -r --unbuffered "$__jq"
  else
    exec jq -Rr --unbuffered "$__jq"
  fi
}

# A line into the variable named, from those kept or from the pipe.
__next() {
  if ((${#__queue[@]})); then
    printf -v "$1" %s "${__queue[0]}"
    __queue=("${__queue[@]:1}")
  else
    IFS= read -r -u 4 "$1" && [[ -n $__rest ]] && printf -v "$1" %s "$__rest${!1}" && __rest=''
    [[ -n ${!1} ]]
  fi
}

# As __next, from the pipe only, until a time in milliseconds: status over 128 when it is over.
__read_until() {
  local left part status
  __now
  left=$(($1 - __now_ms))
  ((left > 0)) || return 142
  printf -v left '%d.%03d' $((left / 1000)) $((left % 1000))
  IFS= read -r -t "$left" -u 4 part
  status=$?
  __rest=${__rest-}$part
  ((status)) && return "$status"
  printf -v "$2" %s "$__rest"
  __rest=''
}

__take_answer() {
  local type sender id correlation topic receiver asks message error route headers
  local -a fields=()
  eval "$1"
  [[ -n ${SLUICE_ACK-} && -n $id ]] && __queue+=("answered=$id")
  answer=$message
  __assign answer_
  [[ -z $error ]] && return 0
  error_code=$(jq -r '.code // "ERROR"' <<<"$error")
  error_message=$(jq -r '.message // ""' <<<"$error")
  return 1
}

# The fields of a message as variables; those of the message before are gone.
__assign() {
  local at variable
  for variable in ${__assigned[$1]-}; do unset "$variable"; done
  __assigned[$1]=''
  for ((at = 0; at < ${#fields[@]}; at += 2)); do
    printf -v "$1${fields[at]}" %s "${fields[at + 1]}"
    __assigned[$1]+=" $1${fields[at]}"
  done
}
declare -gA __assigned=()

# `exit 0` in a handler: what was in hand is handled, and states are kept.
__leave() {
  local status=$? each
  ((status)) && exit "$status"
  [[ -n $__busy ]] && __states["k$key"]=$state && __ack
  for each in "${__live[@]}"; do
    key=${each#k} state=${__states["$each"]}
    [[ $state == null || $state == "${__saved["$each"]-null}" ]] || save_state
  done
  # What came after that is for its next process.
  [[ ${SLUICE_ACK-} == 1 ]] && __write '{"receiver":"$flow","message_type":"Leave"}'
  exit 0
}

# One line; status 1 after the last.
__handle() {
  local broken='' answered='' receiver='' asks='' handler status
  local -a fields=()
  case $1 in
  broken=*) eval "$1" && printf 'sluice_actor: not an envelope: %s\n' "$broken" >&2 && return 0 ;;
  answered=*) id=${1#answered=} && __ack && return 0 ;;
  esac
  eval "$1"
  key=''
  [[ $receiver == */* ]] && key=${receiver#*/}
  [[ $key == "$__own" ]] && key=''
  __assign msg_
  case $type in
  Start | Shutdown | Activate | Deactivate)
    [[ -z $sender || $sender == '$engine' ]] || { __ack; return 0; }
    __lifecycle
    return
    ;;
  esac
  [[ -n ${__states["k$key"]+is} ]] || { __begin null && __saved["k$key"]=null; }
  state=${__states["k$key"]}
  handler=on_${type//[^A-Za-z0-9_]/_}
  declare -F "$handler" >/dev/null || handler=on_receive
  if __outdated; then
    :
  elif [[ -z $type ]] || ! declare -F "$handler" >/dev/null; then
    __refuse
  elif [[ $handler == on_receive && $type =~ ^(Timeout|Reject)$ ]]; then
    :
  else
    __busy=1 __own_error=''
    "$handler"
    status=$?
    __busy=''
    __states["k$key"]=$state
    ((status)) && { __broke "$status"; return 0; }
    [[ -n $__own_error ]] && { __nack "$__own_error"; return 0; }
  fi
  __ack
  return 0
}

# Start, Activate, Deactivate, Shutdown.
__lifecycle() {
  [[ -z $key && $type != Start && -n ${msg_key-} && $msg_key != "$__own" ]] && key=$msg_key
  case $type in
  Start)
    name=${msg_name:-$name} args=$given_args __own=${msg_key-}
    [[ -n $__host && -z $__own ]] || __begin "$given_state" on_Start
    ;;
  Activate)
    __host=1
    __begin "$given_state" on_Activate
    ;;
  Deactivate) __end on_Deactivate ;;
  Shutdown)
    local each
    for each in "${__live[@]}"; do key=${each#k} && __end on_Shutdown; done
    key=''
    ;;
  esac
  __ack
  [[ $type != Shutdown ]]
}

# An instance, with its state.
__begin() {
  state=$1
  __states["k$key"]=$state
  __saved["k$key"]=$state
  __live+=("k$key")
  # An instance has on_Activate, or else on_Start; one with a process for each key has its own in Start.
  local hook=on_Start
  [[ -n $key$__own ]] && declare -F on_Activate >/dev/null && hook=on_Activate
  declare -F "$hook" >/dev/null || return 0
  __busy=1 __own_error=''
  "$hook" || fatal "sluice_actor: $hook failed"
  __busy=''
  [[ -z $__own_error ]] || fatal "sluice_actor: $hook failed"
  __states["k$key"]=$state
}

# The end of an instance; a state that was not saved is.
__end() {
  [[ -n ${__states["k$key"]+is} ]] || return 0
  state=${__states["k$key"]}
  __own_error=''
  if declare -F "$1" >/dev/null; then "$1" || __failed=1; fi
  [[ -z $__own_error ]] || __failed=1
  if [[ $state != null && ($1 == on_Deactivate || $state != "${__saved["k$key"]-null}") ]]; then save_state; fi
  unset '__states[k$key]' '__saved[k$key]'
  local each left=()
  for each in "${__live[@]}"; do [[ $each == "k$key" ]] || left+=("$each"); done
  __live=("${left[@]}")
}

# A late reply of an ask that was given up, or a Timeout of a cancelled timer.
__outdated() {
  [[ -n $correlation && $__late == *" $correlation"* ]] && return 0
  [[ $type == Timeout && -n ${__cancelled["$key ${msg_id-}"]-} ]]
}

# Tells the sender that its message was not understood, unless that would answer an answer.
__refuse() {
  local text="Unknown message type: $type"
  [[ -n $asks || $route == \{* ]] || __is_record && { fail UNKNOWN_TYPE "$text"; return 0; }
  [[ -n $correlation || -n $error || -n $topic || $sender == '$'* || $type =~ ^(Timeout|Reject)$ ]] && return 0
  [[ -z $sender ]] && { printf 'sluice_actor: %s\n' "$text" >&2; return 0; }
  local told
  json -v told message_type="$type" reason="$text" code=UNKNOWN_TYPE rejected_by="$name"
  reply Reject "$told"
}

__broke() {
  local text="$handler ended with status $1"
  printf 'sluice_actor: %s\n' "$text" >&2
  [[ -n $asks || $route == \{* ]] && fail HANDLER_ERROR "$text"
  [[ ${SLUICE_ACK-} != 1 ]] && __is_record && fail HANDLER_ERROR "$text"
  [[ -z $asks && $route == \{* ]] && { __ack; return 0; }
  __nack "{\"code\":\"HANDLER_ERROR\",\"message\":\"$text\"}"
}

# The message was not handled, for this error.
__nack() {
  [[ ${SLUICE_ACK-} == 1 && -n $id ]] || return 0
  __text "$id"
  __write "{\"nack\":$__q,\"error\":$1}"
}

# Nobody has sent it: the engine is told what has become of it.
__is_record() { [[ -z $sender && ! $type =~ ^(Timeout|Reject)$ ]] && __answerable; }

# No for what answers something itself, for what the engine tells, and where nobody is to be answered: an error there is
# the actor's own.
__answerable() {
  [[ -n $asks || $route == \{* ]] && return 0
  [[ -z $error && -z $correlation && -n $id && $sender != '$'* ]]
}

__ack() {
  [[ ${SLUICE_ACK-} == 1 && -n $id ]] || return 0
  __text "$id"
  __write "{\"ack\":$__q}"
}

__timer() {
  local body
  unset '__cancelled[$key $2]'
  __value "$2"
  body="{\"id\":$__q,\"$3\":"
  __value "$4"
  __line '"receiver":"$timer",' "$1" "$body$__q}"
}

# An envelope: HEAD TYPE JSON.
__line() {
  __by
  __text "$2"
  __write "{\"message_type\":$__q,$1$__key\"message\":$3}"
}

# The keys of an answer into $__head.
__to_sender() {
  __by
  __head=$__key
  [[ -n $sender ]] && __text "$sender" && __head+="\"receiver\":$__q,"
  [[ -n $id ]] && __text "$id" && __head+="\"correlation_id\":$__q,"
  return 0
}

# Which instance sends, into $__key.
__by() {
  __key=''
  [[ -n $__host && -n $key ]] && __text "$key" && __key="\"sender_key\":$__q,"
  return 0
}

__write() { printf '%s\n' "$1" >&3; }

# A text as JSON, into $__q.
__text() {
  __q=$1
  if [[ $__q == *[\\\"[:cntrl:]]* ]]; then
    __q=${__q//\\/\\\\} __q=${__q//\"/\\\"} __q=${__q//$'\n'/\\n} __q=${__q//$'\t'/\\t} __q=${__q//$'\r'/\\r}
    [[ $__q == *[[:cntrl:]]* ]] && __q=$(jq -Rrs '.[:-1] | tojson | .[1:-1]' <<<"$1")
  fi
  __q="\"$__q\""
}

# A number as it is, all else as a text, into $__q.
__value() {
  if [[ $1 =~ ^-?(0|[1-9][0-9]*)(\.[0-9]+)?$ ]]; then __q=$1; else __text "$1"; fi
}

__uuid() { read -r __new_id </proc/sys/kernel/random/uuid 2>/dev/null || __new_id=$(uuidgen); }

# Seconds, perhaps with decimals, in milliseconds.
__milliseconds() {
  local whole=${1%%.*} decimals=000
  [[ $1 == *.* ]] && decimals=${1#*.}000
  __ms=$((10#${whole:-0} * 1000 + 10#${decimals:0:3}))
}

__now() {
  if [[ -n ${EPOCHREALTIME-} ]]; then __now_ms=$((${EPOCHREALTIME/[.,]/} / 1000)); else __now_ms=$((SECONDS * 1000)); fi
}
