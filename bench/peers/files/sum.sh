# The counts of several logs, added up.
awk '{ count[$1] += $2 } END { for (code in count) print code, count[code] }' | sort
