/** Scripts of every kind of syntax, each compared with bash by its bytes, files and whether it fails. */

/** What a script is compared on: `test/shell/one_liners.ts` has the files. */
export const ODD_SCRIPTS: readonly string[] = [
  `echo "a
b" | cat -A`,
  String.raw`sort words \
  | head -n 1`,
  String.raw`echo $'a\nb\x41\'' | od -c`,
  String.raw`echo "x\ny" 'x\ny'`,
  String.raw`printf "%s\n" "{param.x}" "{in.y}" "{f}"`,
  String.raw`echo "$" "a$" "$ b" '$HOME' "\$HOME"`,
  "echo *.nomatch",
  "echo -- -n",
  `A="*"; echo "$A"`,
  "A=1; A=2; echo $A",
  `A=1 sh -c 'echo $A'; echo "[$A]"`,
  `A=1; sh -c 'echo "[$A]"'`,
  "echo $(echo a; echo b)",
  "A=1; ((A++)); echo $A",
  ': "${C:=dflt}"; echo "$C"',
  `echo "$#" "$*" "$@" "$0" | wc -w`,
  "set -- a b c; echo $1 $3 $#",
  `IFS=:; A="a:b"; echo $A`,
  "IFS=,; set -- $(echo 1,2); echo $1-$2",
  `A="a b"; for x in "$A"; do echo "<$x>"; done`,
  "N=2; head -n $N text.txt",
  "echo a && echo b && echo c",
  "{ echo a; echo b; } | sort -r",
  "( cd logs && cat a.log ) | wc -l",
  `(A=1; echo $A); echo "[$A]"`,
  "exit 3",
  `sh -c 'exit 7'`,
  "[ -f nothere ] || echo gone",
  "set -e; false | true; echo after",
  'set -u; echo "${X-}"; echo "$X"; echo never',
  "set -n; echo a",
  "echo a;# c",
  "sort <words >o1; wc -c < o1",
  "echo a >> words; tail -n 1 words",
  "cat words > o1 2> o2; cat o2",
  `sh -c 'echo out; echo err >&2' &> o1; sort o1`,
  `sh -c 'echo out; echo err >&2' >/dev/null`,
  "exec 3> o1; echo a >&3; exec 3>&-; cat o1",
  "echo a >| o1; cat o1",
  `A=o1; echo a > "$A"; sort "$A"`,
  "sort words > words2; sort words2 > words3; cmp words2 words3 && echo same",
  "diff <(echo a) <(echo a)",
  String.raw`comm -12 <(sort words) <(tr ' ' '\n' < text.txt | sort -u)`,
  `wc -l <(echo a) | awk '{print $1}'`,
  "echo <(true) | grep -c /dev/fd",
  'for f in logs/*.log; do sort "$f" > "${f%.log}.sorted"; done; cat logs/*.sorted',
  `for f in logs/*.log *.tsv; do echo "$f"; done`,
  "for f in words text.txt; do wc -l < $f; done",
  "for i in {3..1}; do echo $i; done",
  "for i in {01..03}; do echo $i; done",
  "for i in 1 2; do for j in a b; do echo $i$j; done; done",
  "for i in a b; do echo $i >> o1; done; cat o1",
  `for i in a; do echo "{i}" "{i.path}" "$i"; done`,
  "for i in 1 2; do A=$i; echo $A; done",
  "for i in 1 2; do cat; done < words | wc -l",
  `for f in logs/*; do echo "$f"; done`,
  "for i in 1 2; do (echo $i; echo x); done",
  "for path in logs/*.log; do echo $path; done",
  "for param in a b; do echo $param; done",
  "until false; do echo once; break; done",
  "find logs -type f | sort",
  `f() { echo "f $1"; }; f a; f b`,
  `f() { echo "f $1"; }; f a | cat`,
  "function g { echo g; }; g",
  "select x in a; do echo $x; break; done < /dev/null",
  ". ./inc.sh",
  `echo a | { read x; echo "[$x]"; }`,
  'mapfile -t L < words; echo "${#L[@]}"',
  "command sort words | head -n 1",
  "builtin echo hi",
  "seq 100000 | head -n 1",
  "head -n 1; cat",
  String.raw`awk -F'\t' '{ print $2 }' left.tsv`,
  "cut -c1-3 words | uniq -c",
  "sort -u words words",
  "mkdir -p d1/d2 && touch d1/d2/f && find d1 | sort",
  "gzip words; zcat words.gz | wc -l",
  'true | false | true; echo "${PIPESTATUS[@]}"',
  "wc -l < words; wc -l < text.txt",
  "echo a | sort - words | head -n 1",
  "echo one; cat; echo three",
  "sort<words>o1;cat o1",
  "((0)) || echo zero",
  String.raw`printf '%q\n' 'a b'`,
  String.raw`printf '%(%Y)T\n' -1 | wc -c`,
  `printf -v X '%s' a; echo $X`,
  String.raw`printf '%s\n' *.tsv`,
  "echo",
  "alias l=ls; echo ok",
  "hash -r; echo ok",
  "history | wc -l",
  "true > o1; wc -c < o1",
  "exec {fd}< words; head -n1 <&$fd",
  "A=v; cat <<END\n$A \"${A}\" 'q' \\$A \\\\ \\a\nEND",
  `cat <<END
END`,
  String.raw`cat <<END | tr a b
a\
c
END`,
  'cat <<END\n{param.x} {in.y} "{f}" ${f}\nEND',
  `cat > o1 <<END
x
END
cat o1`,
  `f() {
  cat <<END
in f $1
END
}
f x`,
  String.raw`cat <<\END
$A
END`,
  '#!/usr/bin/env bash\nset -e\nexport LC_ALL=C\nIN=${1:-words}\nsort "$IN" > sorted.txt\nuniq -c sorted.txt | sort -rn | head -n 3 > top.txt\nwc -l < sorted.txt\ncat top.txt',
  `sort words > a.tmp
cat a.tmp
echo more >> a.tmp
tail -n 1 a.tmp`,
  `{
  echo a
  echo b
} | sort -r | {
  read first
  echo "first $first"
  cat
}`,
  `main() {
  local n=$1
  seq "$n"
}
main 3 | tail -n 1`,
  `n=3
for i in $(seq $n); do echo $i; done`,
  `set -- $(cat urls)
echo $2
shift
echo $1`,
  `i=0
while read -r line; do
  i=$((i+1))
  echo "$i $line"
done < words | tail -n 1`,
  `echo a > o1
grep a o1
grep -H a o1`,
  "sort words > o1; ls | wc -l; cat o1",
  "sort words > logs/n.log; for f in logs/*.log; do wc -l < $f; done",
  "for f in logs/*.log; do sort $f > $f.s; done; for g in logs/*.s; do cat $g; done",
  "sort words > o1; cat < o1; cat ./o1; cat $PWD/o1",
  `sort words > o1; sed -n '1F;1p' o1`,
];
