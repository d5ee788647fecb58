# The status codes in a compressed log, counted.
set -eo pipefail
echo >> ran
gzip -dc | awk '{ count[$9] += 1 } END { for (code in count) print code, count[code] }' | sort
