#!/bin/bash
# The words that are used most, how many lines there are, and which words only one of two texts has.
set -euo pipefail
export LC_ALL=C
top=3

for text in texts/*.txt; do wc -l < "$text"; done | sort -n | tail -n 1

cat texts/fox.txt | tr -cs A-Za-z '\n' | tr A-Z a-z | sort > words
uniq -c words | sort -k1,1nr -k2 | head -n "$top"
comm -23 <(uniq words) <(tr -cs A-Za-z '\n' < texts/dog.txt | tr A-Z a-z | sort -u)
rm words
