# Fetches each URL of its standard input; a JSON object for each on standard output.
set -u
mkdir -p "$SLUICE_PARAM_DIR" || exit 1
json() { printf %s "$1" | LC_ALL=C tr -d '\000-\037' | sed 's/[\\"]/\\&/g'; }
isFirst=1
cr=$(printf '\r')
while IFS= read -r url || [ -n "$url" ]; do
  url=${url%"$cr"} # A list may come from Windows.
  [ -n "$url" ] || continue
  name=$(printf %s "$url" | cksum | cut -d ' ' -f 1)-$(printf %s "${url##*/}" | LC_ALL=C tr -c 'A-Za-z0-9._-' _ | cut -c 1-80)
  file=$SLUICE_PARAM_DIR/$name
  try=1
  while :; do
    [ -n "$isFirst" ] || sleep "$SLUICE_PARAM_PAUSE"
    isFirst=
    status=$(curl -sS -L --proto =http,https,ftp,ftps --max-time "$SLUICE_PARAM_TIMEOUT" -A "$SLUICE_PARAM_AGENT" -o "$file.part" \
      -w '%{http_code}' -- "$url" 2> "$file.error")
    code=$?
    error=$(cat "$file.error")
    rm -f "$file.error"
    case $code:$status in
      0:2*) break ;;
      0:408 | 0:425 | 0:429 | 0:5*) ;; # For a while, it says.
      0:* | 1:* | 3:*) break ;; # It says no, or it is no URL.
    esac
    [ "$try" -lt "$SLUICE_PARAM_TRIES" ] || break
    try=$((try + 1))
  done
  case $code:$status in
    0:2*)
      mv -- "$file.part" "$file" || exit 1
      printf '{"url":"%s","status":%s,"file":"%s","tries":%s}\n' "$(json "$url")" "$status" "$(json "$file")" "$try"
      ;;
    *)
      rm -f -- "$file.part"
      [ "$code" -ne 0 ] || error="status $status"
      printf '{"url":"%s","error":"%s","tries":%s}\n' "$(json "$url")" "$(json "$error")" "$try"
      ;;
  esac
done
