/**
 * A random shell script: pipelines, loops, variables, files that are written and read again, and odd words. Most of it
 * a flow can say, some of it not. What it prints depends on no timing.
 */
import { makeRandom, type Random } from "../random/prng.ts";

const SOURCES = [
  "words",
  "text.txt",
  "urls",
  "access.log",
  "left.tsv",
  "logs/a.log",
  "./words",
  "logs/../words",
];
const TEXTS = [
  "a",
  "b c",
  "x  y",
  'it"s',
  "a\tb",
  "{a}",
  "{in.x}",
  "{param.p}",
  "%",
  "é",
  "#no",
  "~",
  "*",
  "a=b",
  "-",
  "..",
  "[x]",
  "\\",
  "a\\nb",
  "$X",
  "(p)",
  "|",
  ";",
  "&",
  "!",
  "",
  "o1",
];
/** Words that a shell makes something of. */
const EXPANSIONS = [
  '"$(echo sub)"',
  "$((1+2))",
  '"${UNSET-d}"',
  '"${UNSET2:-d e}"',
  "$'t\\tq\\''",
  "{p,q}",
  "lo*s",
  '"$#"',
  "logs/[ab].log",
];

/** The same script for the same seed. */
export function randomScript(seed: number): string {
  return new ScriptWriter(makeRandom(seed, "script")).write();
}

class ScriptWriter {
  readonly #random: Random;
  /** What stands before the statement. */
  #assignments: string[] = [];
  readonly #written: string[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  write(): string {
    const head = this.#pick([
      "",
      "",
      "",
      "#!/bin/bash\n",
      "set -e\n",
      "set -euo pipefail\n",
      "export LC_ALL=C\n",
    ]);
    const count = this.#pick([1, 1, 1, 2, 2, 3]);
    return `${head}${Array.from({ length: count }, () => this.#statement()).join("\n")}\n`;
  }

  #statement(): string {
    this.#assignments = [];
    const text = this.#isRarely(0.1) ? this.#odd() : this.#any([
      () => this.#pipeline(),
      () => this.#pipeline(),
      () => this.#pipeline() + this.#redirect(),
      () => this.#pipeline() + this.#redirect(),
      () => this.#loop(),
      () => this.#loop(),
      () => `${this.#source()} && ${this.#source()}`,
      () => this.#hereDoc(),
      () => `${this.#source()} # a comment "`,
    ]);
    return [...this.#assignments, text].join(this.#pick(["\n", "; "]));
  }

  /** What a flow cannot say, or not always. */
  #odd(): string {
    return this.#any([
      () => `${this.#source()} || ${this.#source()}`,
      () => `if grep -q a ${this.#file()}; then ${this.#source()}; else ${this.#source()}; fi`,
      () => `rm -f ${this.#pick(["o1", "o2"])}`,
      () => `export E${++this.#count}=${this.#word()}`,
      () => `fn() { ${this.#source()}; }; fn`,
      () => `fn() { echo "$1"; }; fn ${this.#word()} | cat`,
      () => `case ${this.#word()} in a*) ${this.#source()};; *) echo other;; esac`,
      () => "(cd logs; cat a.log)",
      () => ": > o5; cat o5",
      () => "true > o5; wc -c < o5",
      () => `sort words | while read -r x y; do echo "$y:$x"; done`,
      () => `A=${this.#word()}; echo "$A"`,
      () => `(A=1; echo "$A"); echo "[\${A-}]"`,
      () => `set -- a "b c"; for x in "$@"; do echo "[$x]"; done`,
      () => `printf '%s|' "\${UNSET3:-a}" "$UNSET3"`,
      () => "n=0; for i in 1 2; do n=$((n+i)); done; echo $n",
      () => "for i in 1 2; do head -n 1; done < urls > /dev/null",
      () => `IFS=:; V=a:b; echo $V`,
    ]);
  }

  #pipeline(max = 3): string {
    const filters = Array.from({ length: this.#below(max + 1) }, () => {
      return this.#pick([" | ", " | ", " | ", "|", " |\n  ", " |& "]) + this.#filter();
    });
    return this.#source() + filters.join("");
  }

  #source(): string {
    return this.#any([
      () => `cat ${this.#file()}`,
      () => `sort ${this.#file()}`,
      () => `${this.#reader()} < ${this.#file()}`,
      () => `< ${this.#file()} ${this.#reader()}`,
      () => `printf '%s\\n' ${this.#word()} ${this.#word()}`,
      () => `echo ${this.#word()} ${this.#word()}`,
      () => `seq ${this.#number()}`,
      () => `cat ${this.#file()} ${this.#file()}`,
      () => `${this.#reader()} <<< ${this.#word()}`,
      () => `{ ${this.#source()}; ${this.#source()}; }`,
      () => `( ${this.#source()} )`,
      () => `paste <(${this.#pipeline(1)}) <(${this.#pipeline(1)})`,
      () => `LC_ALL=C sort ${this.#file()}`,
      () => `wc -l ${this.#file()}`,
    ]);
  }

  #filter(): string {
    return this.#any([
      () => this.#reader(),
      () => this.#reader(),
      () => this.#reader(),
      () => `grep ${this.#pick(["", "-v ", "-n ", "-i "])}${this.#pick(["a", "o", "er"])} | cat`,
      () => "xargs -n 2",
      () => `tee t${++this.#count}`,
      () => `tee t${++this.#count} >(${this.#reader()} > p${++this.#count}) | ${this.#reader()}`,
      () => `comm -12 - <(${this.#pipeline(1)} | sort) 2>/dev/null`,
      () => `paste - <(${this.#pipeline(1)})`,
    ]);
  }

  /** It reads all that it is given. */
  #reader(): string {
    return this.#any([
      () =>
        this.#pick([
          "sort",
          "sort -r",
          "sort -u",
          "uniq -c",
          "cat",
          "cat -n",
          "rev",
          "tac",
          "nl",
          "wc -l",
          "wc -c",
        ]),
      () => `tail -n ${this.#number()}`,
      () => `tr ${this.#quoted("ab")} ${this.#quoted("xy")}`,
      () => `sed ${this.#quoted(`s/a/${this.#pick(["X", "{x}", "&&", "\\n", '"', "{in.x}"])}/`)}`,
      () => `awk ${this.#quoted("{ print NF, $1 }")}`,
      () => `awk -v n=${this.#number()} 'NR<=n'`,
      () => `cut -c1-${this.#number()}`,
    ]);
  }

  #hereDoc(): string {
    const line = this.#pick([
      "plain",
      '{in.x} "q"',
      "back\\\\slash \\$X",
      "it's",
      "",
      "joined\\\nlines",
      "$((1+1))",
    ]);
    return this.#any([
      () => `cat <<END | ${this.#filter()}\n${line}\nmore\nEND`,
      () => `cat <<'END'\n$X \`y\` \\\\ {a}\nEND`,
      () => `sort <<END - ${this.#file()}\nb\na\nEND`,
    ]);
  }

  #loop(): string {
    const name = this.#pick(["f", "i", "name"]);
    const [words, bodies] = this.#any([
      (): readonly [string, readonly string[]] => ["logs/*.log", [
        `sort "$${name}"`,
        `wc -l < "$${name}"`,
        `echo "\${${name}##*/}" "\${${name}%.log}" "\${${name}%/*}"`,
        `echo "$(basename "$${name}" .log)" "$(dirname "$${name}")"`,
        `cat "$${name}" | ${this.#filter()}`,
        `sort "$${name}" > "\${${name}%.log}.s${++this.#count}"`,
        `tr a b < "$${name}" | head -n 1`,
        `echo "[$${name}]" ${this.#word()}`,
      ]],
      () => [`${this.#word()} b`, [
        `echo "$${name}"`,
        "seq 2",
        `printf '<%s>' $${name}`,
        `echo a | sed "s/a/$${name}/"`,
      ]],
      () => [`{${this.#below(4)}..${this.#below(4)}}`, [
        `echo "$${name}"`,
        `seq $${name}`,
        `echo $(($${name}*2))`,
      ]],
      () => [`$(seq ${1 + this.#below(3)})`, [`echo "$${name}"`, `seq "$${name}" | tail -n 1`]],
      () => ["words text.txt", [`head -n 1 $${name}`, `wc -c < $${name}`]],
      () => ["*.tsv *.csv", [`echo $${name}`, `cat $${name} | wc -l`, `echo "\${${name}%.tsv}"`]],
    ]);
    const body = Array.from({ length: 1 + this.#below(2) }, () => this.#pick(bodies)).join("; ");
    const behind = this.#any([() => "", () => ` | ${this.#filter()}`, () => this.#redirect()]);
    return `for ${name} in ${words}; do ${body}; done${behind}`;
  }

  #redirect(): string {
    const file = this.#pick(["o1", "o2", "logs/new.log", "o4", "./o1"]);
    this.#written.push(file);
    return this.#pick([
      ` > ${file}`,
      ` >${file}`,
      ` 2>/dev/null > ${file}`,
      ` > ${file} 2>&1`,
      ` >> ${file}`,
      ` &> ${file}`,
    ]);
  }

  #file(): string {
    const file = this.#written.length > 0 && this.#isRarely(0.4)
      ? this.#pick(this.#written)
      : this.#pick(SOURCES);
    return this.#isRarely(0.15) ? this.#variable("F", file) : this.#quoted(file);
  }

  #number(): string {
    const number = `${1 + this.#below(4)}`;
    return this.#isRarely(0.15) ? this.#variable("N", number) : number;
  }

  #word(): string {
    if (this.#isRarely(0.1)) return this.#pick(EXPANSIONS);
    const text = this.#pick(TEXTS);
    return this.#isRarely(0.2) ? this.#variable("V", text) : this.#quoted(text);
  }

  #variable(prefix: string, text: string): string {
    const name = `${prefix}${++this.#count}`;
    this.#assignments.push(`${name}=${this.#quoted(text)}`);
    return this.#pick([`"$${name}"`, `$${name}`, `"\${${name}}"`]);
  }

  #quoted(text: string): string {
    const single = `'${text.replaceAll("'", "'\\''")}'`;
    const double = /["$`\\!]/.test(text) ? single : `"${text}"`;
    return this.#pick([single, double, /^[\w.,/]+$/.test(text) ? text : single]);
  }

  #any<T>(ways: readonly (() => T)[]): T {
    return this.#pick(ways)();
  }

  #pick<T>(choices: readonly T[]): T {
    return this.#random.pick(choices);
  }

  #isRarely(share: number): boolean {
    return this.#random.chance(share);
  }

  #below(limit: number): number {
    return this.#random.int(0, limit - 1);
  }
}
