# Files are written beside their places, and get their names when all of them are whole. What was there from an earlier
# run, and is not written again, is removed: the parts are those of this text.
set -eu
if [ "$SLUICE_PARAM_LINES" -lt 1 ]; then
  echo "lines is $SLUICE_PARAM_LINES (expected 1 or more)" >&2
  exit 2
fi
case $SLUICE_PARAM_PROGRAM in
  gzip) extension=gz ;;
  bzip2) extension=bz2 ;;
  xz) extension=xz ;;
  *) extension=zst ;;
esac
prefix=$SLUICE_PARAM_PREFIX
mkdir -p "$(dirname "$prefix")"
folder=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
awk -v lines="$SLUICE_PARAM_LINES" -v folder="$folder" -v program="$SLUICE_PARAM_PROGRAM" '
  function quoted(text) { gsub(/'\''/, "'\''\\'\'''\''", text); return "'\''" text "'\''" }
  (NR - 1) % lines == 0 { if (NR > 1 && close(out) != 0) exit 1; out = program " -c > " quoted(sprintf("%s/%04d", folder, part++)) }
  { print | out }
  END { if (NR > 0 && close(out) != 0) exit 1 }
'
for old in "$prefix"[0-9][0-9][0-9][0-9]*."$extension"; do
  [ -e "$old" ] && rm -- "$old"
done
for part in "$folder"/*; do
  [ -e "$part" ] || continue
  name=$prefix${part##*/}.$extension
  mv -- "$part" "$name"
  printf '%s\n' "$name"
done
