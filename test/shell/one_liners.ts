/** Pipelines as people write them, with the files that they read. */

export const FILES: Readonly<Record<string, string>> = {
  "text.txt":
    "The quick brown fox jumps over the lazy dog.\nThe dog sleeps; the fox does not.\n\nA teh mistaek.\n",
  "words": "a\nbrown\ndoes\ndog\nfox\njumps\nlazy\nnot\nover\nquick\nsleeps\nthe\n",
  "access.log": [1, 2, 3, 4, 5, 6, 7].map((n) =>
    `10.0.0.${n % 3} GET /page/${n % 4} ${n % 2 === 0 ? 200 : 404} ${n * 100}\n`
  )
    .join(""),
  "left.tsv": "1\tred\n2\tgreen\n3\tblue\n",
  "right.tsv": "1\tapple\n3\tplum\n4\tpear\n",
  "temperature.csv": "1949,+111\n1949,+078\n1950,-011\n1950,+022\n",
  "logs/a.log": "warn 1\nerror 2\n",
  "logs/b b.log": "error 3\n",
  "logs/c.log": "info\n",
  "urls": "one\ntwo three\n",
};

export interface OneLiner {
  readonly script: string;
  /** Files that it writes. */
  readonly writes?: readonly string[];
  /** How many actors are left to a shell, when it is not none. */
  readonly left?: number;
  readonly stdin?: string;
}

export const ONE_LINERS: Readonly<Record<string, OneLiner>> = {
  "word frequency": {
    script: "tr -cs A-Za-z '\\n' < text.txt | tr A-Z a-z | sort | uniq -c | sort -k1,1nr -k2 | head -n 5",
  },
  "spell check": {
    script: "cat text.txt | tr -cs A-Za-z '\\n' | tr A-Z a-z | sort -u | comm -23 - words",
  },
  "bigrams": {
    script: `tr -cs A-Za-z '\\n' < text.txt > all
tail -n +2 all > next
paste all next | sort | uniq -c | sort -k1,1nr -k2
rm all next`,
  },
  "bigrams without files": {
    script:
      "paste <(tr -cs A-Za-z '\\n' < text.txt) <(tr -cs A-Za-z '\\n' < text.txt | tail -n +2) | sort | uniq -c",
  },
  "log report": {
    script: `awk '$4 == 404 { print $3 }' access.log | sort | uniq -c | sort -rn > missing.txt
awk '{ sum += $5 } END { print sum }' access.log`,
    writes: ["missing.txt"],
  },
  "addresses by bytes": {
    script:
      "awk '{ bytes[$1] += $5 } END { for (a in bytes) print bytes[a], a }' access.log | sort -k1,1nr -k2 | head -n 2",
  },
  "in both": { script: "comm -12 <(sort left.tsv) <(sort right.tsv)" },
  "join": { script: "join -t $'\\t' <(sort left.tsv) <(sort right.tsv) | cut -f 2,3" },
  "highest temperature": {
    script: "cut -d, -f2 temperature.csv | sed 's/^+0*//' | sort -n | tail -n 1",
  },
  "two readers": {
    script: "sort text.txt | tee >(wc -l > lines.txt) >(grep -c fox > foxes.txt) sorted.txt | tail -n 1",
    writes: ["lines.txt", "foxes.txt", "sorted.txt"],
  },
  "what others than tee show": { script: "seq 3 | tee >(sed 's/^/x/') > /dev/null" },
  "each file": {
    script: 'for f in logs/*.log; do grep error "$f" | wc -l; done',
  },
  "a file for each": {
    script: 'for f in logs/*.log; do tr a-z A-Z < "$f" > "${f%.log}.upper"; done',
    writes: ["logs/a.upper", "logs/b b.upper", "logs/c.upper"],
  },
  "a loop into a pipe": { script: "for n in {1..4}; do seq $n; done | sort -n | uniq -c" },
  "both descriptors": { script: "sh -c 'echo out; echo err >&2' |& sort" },
  "a part of a shell": {
    script: 'sort urls | while read -r a b; do echo "[$a] [$b]"; done | tac',
    left: 1,
  },
  "variables": {
    script: `#!/bin/bash
set -euo pipefail
export LC_ALL=C
PATTERN=fox
file='text.txt'
grep -i "$PATTERN" "$file" | wc -l
echo "pattern: $PATTERN"`,
  },
  "a text in it": { script: "sort <<END | head -n 2\nb\na\nc\nEND" },
  "a string in it": { script: "tr a-z A-Z <<< 'hello world'" },
  "groups": { script: "{ cat words; echo zebra; } | sort -r | head -n 3" },
  "one and the other": { script: "sort -r words && wc -l < words" },
  "whether it is there": { script: "grep -q unicorn text.txt && echo there; echo done", left: 1 },
  "the lines of a turn": { script: 'for f in logs/*.log; do head -n 1 "$f"; wc -l < "$f"; done' },
  "reads on": { script: "printf 'a\\nb\\nc\\n' | { read -r first; cat; echo $first; }", left: 1 },
  "a name in the output": { script: "sort words > sorted; wc -l sorted", writes: ["sorted"], left: 1 },
  "a name of its own": { script: "cat words > ./sorted; tail -n 2 sorted", writes: ["sorted"] },
  "echo of bash": { script: 'X="a  b"; for i in 1 2; do echo -e "$i\\t"$X; done | sort', left: 1 },
  "text for a loop": { script: 'while read -r a; do echo "<$a>"; done <<END\nx\ny\nEND', left: 1 },
  "arithmetic": { script: "N=4; seq $N | while read i; do echo $((i * N)); done", left: 1 },
  "nothing found": { script: "grep unicorn text.txt | wc -l" },
  "standard input": { script: "tr a-z A-Z | rev", stdin: "abc\ndef\n" },
  "leaves early": { script: "yes | head -n 3 | nl" },
  "compares": { script: "diff <(sort left.tsv) <(sort right.tsv)" },
  "a pattern": { script: "cat logs/*.log | sort", left: 1 },
  "what a flow cannot say": {
    script:
      'n=0\nwhile read -r line; do n=$((n + 1)); done < words\nif [ "$n" -gt 3 ]; then echo many; else echo few; fi',
    left: 1,
  },
  "errors into a file": {
    script: "sh -c 'echo out; echo err >&2' 2> errors.txt | wc -l",
    writes: ["errors.txt"],
  },
  "both into a file": { script: "sh -c 'echo out; echo err >&2' > all.txt 2>&1", writes: ["all.txt"] },
  "environment": { script: `NAME=me sh -c 'echo "$NAME"'` },
};
