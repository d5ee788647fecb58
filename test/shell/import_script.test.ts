/** What a script becomes, and what of it is left to a shell. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importScript } from "../../lib/shell/import_script.ts";

interface Flow {
  readonly params?: Readonly<Record<string, object>>;
  readonly sets?: Readonly<Record<string, object>>;
  readonly actors: Readonly<Record<string, object>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly out: unknown;
}

function flowOf(script: string): Flow {
  const result = importScript(script);
  if (!result.ok) throw new Error(JSON.stringify(result.mistakes));
  return JSON.parse(result.text) as Flow; // What the importer has written.
}

function notesOf(script: string): readonly string[] {
  const result = importScript(script);
  return result.ok ? result.notes.map(({ line, column, text }) => `${line}:${column} ${text}`) : [];
}

const FOLDER = join(import.meta.dirname, "../../examples/from_shell");

it("the example is what its script becomes", () => {
  const script = readFileSync(join(FOLDER, "report.sh"), "utf8");
  expect(flowOf(script)).toEqual(JSON.parse(readFileSync(join(FOLDER, "flow.json"), "utf8")));
  expect(notesOf(script)).toEqual([]);
});

describe("variables", () => {
  it("of the script are parameters with its value", () => {
    expect(flowOf(`A='x y'; grep "$A" f`)).toEqual({
      params: { A: { default: "x y" } },
      actors: { grep: { run: ["grep", "{param.A}", "f"], ok: [0, 1] } },
      out: "grep",
    });
  });

  it("of the environment and arguments are parameters without one", () => {
    expect(flowOf(`sort "$HOME/a" "\${DIR:-/tmp}" "$1"`)).toEqual({
      params: {
        HOME: { env: "HOME" },
        DIR: { default: "/tmp", env: "DIR" },
        arg1: { explain: "an argument of the script" },
      },
      actors: { sort: { run: ["sort", "{param.HOME}/a", "{param.DIR}", "{param.arg1}"] } },
      out: "sort",
    });
  });

  it("that are set nowhere are told, but for those that everybody has", () => {
    expect(notesOf(`grep "$PAT" f | sed "s/$PAT/$NEW/" | sort "$HOME/a" - "\${TOP:-5}"`)).toEqual([
      '1:7 "$PAT" is set nowhere in the script: it has to be in the environment, or be given (--set PAT=)',
      '1:29 "$NEW" is set nowhere in the script: it has to be in the environment, or be given (--set NEW=)',
    ]);
    expect(notesOf(`PAT=x; grep "$PAT" f`)).toEqual([]);
  });

  it("of one another are put together", () => {
    expect(flowOf(`D=logs; F="$D/a"; sort "$F"`).actors).toEqual({ sort: { run: ["sort", "{param.D}/a"] } });
  });

  it("that are empty are parameters, too", () => {
    expect(flowOf(`A=; sort "a$A"`).params).toEqual({ A: { default: "" } });
  });

  it("without quotes are split by a shell, unless they are one plain word", () => {
    expect(flowOf("A=b-1.txt; sort $A").actors).toEqual({ sort: { run: ["sort", "{param.A}"] } });
    expect(flowOf("A='b c'; sort $A").actors).toEqual({ sort: { sh: "sort $A", env: { A: "{param.A}" } } });
    expect(flowOf("sort $1").actors).toEqual({
      sort: { run: ["sh", "-c", "sort $1", "script", "{param.arg1}"] },
    });
  });

  it("of the shell itself are for a shell", () => {
    expect(flowOf('echo "$RANDOM" "$UID" | sort').actors["echo"]).toMatchObject({
      run: ["bash", "-c", 'echo "$RANDOM" "$UID"'],
    });
  });

  it("that are set twice are for a shell", () => {
    expect(notesOf("A=1; sort $A; A=2; sort $A")).toEqual([
      '1:15 a flow cannot say "A", which is set twice: left to a shell, as actor "sort"',
    ]);
  });
});

describe("loops", () => {
  it("over names of files have their parts as fields", () => {
    const flow = flowOf(
      'for f in a/*.gz b/*.gz; do zcat "$f" | wc -l > "out/$(basename "$f" .gz).$(dirname $f)"; done',
    );
    expect(flow.sets).toEqual({ f: { files: ["a/*.gz", "b/*.gz"] } });
    expect(flow.out).toEqual({ "out/{f.stem}.{f.dir}": "wc" });
  });

  it("keep what one turn writes together", () => {
    expect(flowOf("for n in 1 2; do echo $n; seq $n; done")).toMatchObject({
      sets: { n: { values: ["1", "2"] } },
      actors: { cat: { each: "n", run: ["cat"], in: ["echo", "seq"] } },
      out: "cat",
    });
  });

  it.each([
    ['for f in *; do wc -l < "$f" > last; done', 'file "last", which each turn writes anew'],
    ["for a in 1 2; do for b in 1 2; do echo $a$b; done; done", "a loop in a loop"],
    ['for f in "$@"; do cat "$f"; done', 'a loop over ""$@""'],
    ["for f in $(ls); do cat $f; done", 'a loop over "$(ls)"'],
    ["for f in {01..10}; do echo $f; done", 'a loop over "{01..10}"'],
    ["for f; do cat $f; done", "a loop over arguments of the script"],
    ["for d in */; do ls $d; done", 'a loop over "*/"'],
    ["while :; do date; done", '"while"'],
    ["for param in a b; do echo $param; done", 'a loop over "param", which a flow has otherwise'],
    ["for f in b/*.x a/*.x; do cat $f; done", 'a loop over "b/*.x a/*.x", one pattern after the other'],
    ["for i in 1 2; do cat; done < a", "a loop whose turns share one standard input"],
    ["for i in 1 2; do read x; done", "a loop whose turns share one standard input"],
    [
      "sort a > b.x; for f in *.x; do cat $f; done",
      'a loop over files behind "b.x", which may be one of them',
    ],
  ])("that a flow cannot say are left: %s", (script, why) => {
    expect(notesOf(script)).toEqual([expect.stringContaining(`a flow cannot say ${why}: left to a shell`)]);
  });
});

describe("of loops is told", () => {
  it("that a set has no folders", () => {
    expect(notesOf('for f in a/*; do wc -l "$f"; done')).toEqual([
      '1:1 a set has files only: a folder that matches "a/*" is no member of it',
    ]);
  });

  it("that a program which may read is given nothing", () => {
    const script = 'for f in *.x; do convert "$f"; done';
    expect(notesOf(script)).toEqual(['1:18 "convert" is given no standard input in a loop']);
    expect(flowOf(script).actors).toEqual({ convert: { each: "f", run: ["convert", "{f.path}"] } });
  });
});

describe("variables that a flow has for all are for a shell", () => {
  it.each([
    ['(A=1; echo "$A"); echo "$A"', '"$A", which has another value elsewhere'],
    ['echo "$A"; A=1; echo "$A"', '"A", which has another value elsewhere'],
    ['for i in 1 2; do echo $i; done; echo "$i"', '"$i", which has another value elsewhere'],
    ["PATH=/x; sort a", '"PATH", which programs may see'],
    ["sort a; export A=1; sort b", '"export" that only some of the programs see'],
    ["sort a > b; grep --file=b c", '"--file=b", which names a file that is written before'],
  ])("%s", (script, why) => {
    expect(notesOf(script)).toEqual([expect.stringContaining(`a flow cannot say ${why}: left to a shell`)]);
  });
});

it("a file that is read and written is told: a shell would empty it first", () => {
  expect(notesOf("sort a > a")).toEqual([
    '1:1 "a" is read and then written: a shell would have emptied it before',
  ]);
});

describe("commands that follow each other", () => {
  it("are said when none can change what another sees", () => {
    expect(flowOf("sort a; uniq b && cut -f1 c").out).toEqual(["sort", "uniq", "cut"]);
  });

  it("read what others have written", () => {
    expect(flowOf("sort a > ./t; uniq < t; rm -f t")).toEqual({
      actors: { sort: { run: ["sort", "a"] }, uniq: { run: ["uniq"], in: "sort" } },
      out: "uniq",
    });
  });

  it.each([
    ["cd a; sort b", '"cd", which works on the shell itself'],
    ["sort a; make", '"make", which may change'],
    ["sed -i s/a/b/ f; sort f", '"sed", which may change'],
    ["sort -o f f; uniq f", '"sort", which may change'],
    ["awk '{ print > $1 }' a; cat b", '"awk", which may change'],
    ["sort a > t; wc -l t", 'the name "t", which "wc" may show'],
    ["cut -f1; sort", "a second command that reads standard input"],
    ["false || echo a", '"||": what runs when another fails'],
    ["grep -q a b && echo c", '"grep" before "&&"'],
    ["[ -f a ] && sort a", '"[" before "&&"'],
    ["sleep 1 & sort a", '"&", which nobody waits for'],
    ["f() { sort; }; f", "a function"],
    ["sort a > b; sort c > ./b", 'file "b", which is written twice'],
    [
      "for f in *.a; do sort $f > $f.b; done; uniq c.a.b",
      "a command behind files whose names are not known before",
    ],
  ])("are left as a whole otherwise: %s", (script, why) => {
    expect(notesOf(script)).toEqual([expect.stringContaining(why)]);
    expect(Object.keys(flowOf(script).actors).filter((name) => name !== "input")).toHaveLength(1);
  });
});

describe("exit codes", () => {
  it("that are answers are no failures, unless the script says so", () => {
    expect(flowOf("grep a b | sort").actors["grep"]).toEqual({ run: ["grep", "a", "b"], ok: [0, 1] });
    expect(flowOf("set -e; sort b | grep a").actors["grep"]).toEqual({ run: ["grep", "a"], in: "sort" });
    expect(flowOf("set -eu -o pipefail; grep a b | sort").actors["grep"]).toEqual({
      run: ["grep", "a", "b"],
    });
  });
});

describe("which shell", () => {
  it("is bash for what sh has not or has otherwise", () => {
    expect(flowOf("[[ -f a ]]").actors).toMatchObject({ script: { run: ["bash", "-c", "[[ -f a ]]"] } });
    expect(flowOf("ls *.a").actors).toEqual({ ls: { sh: "ls *.a" } });
    expect(flowOf("#!/bin/sh\nx=1; while read y; do echo -n $y; done").actors)
      .toMatchObject({ while: { sh: "while read y; do echo -n $y; done" } });
  });

  it("has the options of the script", () => {
    expect(flowOf("set -eu\nls *.a | sort").actors["ls"]).toEqual({ sh: "set -eu; ls *.a" });
  });

  it("is given what is written below the command", () => {
    expect(flowOf("cat *.a - <<END | sort\nx\nEND\n").actors["cat"])
      .toMatchObject({ sh: "cat *.a - <<END\nx\nEND\n" });
  });
});

it("braces that a flow would replace are for a shell", () => {
  expect(flowOf("sed s/{param.a}/b/ c").actors).toEqual({
    sed: { sh: `eval "$(printf '%b' 'sed s/\\0173param.a}/b/ c')"` },
  });
  expect(flowOf("awk '{ print }' c").actors).toEqual({ awk: { run: ["awk", "{ print }", "c"] } });
});

it("what is no script is told with every place", () => {
  expect(importScript("sort |\n(uniq")).toMatchObject({ ok: false, mistakes: [{ line: 2 }] });
  expect(importScript("#!/usr/bin/env zsh\necho a")).toEqual({
    ok: false,
    mistakes: [{ line: 1, column: 1, text: "it is a script for zsh (expected one for bash or sh)" }],
  });
  expect(importScript("# nothing\n")).toEqual({
    ok: false,
    mistakes: [{ line: 1, column: 1, text: "there is no command in it" }],
  });
});

it("a text without its end is told, also where a shell gets it", () => {
  expect(notesOf("cat <<END | sort\nb\na")).toEqual([
    '1:5 the text behind "<<END" has no line "END" that ends it: it is all that follows',
  ]);
  expect(notesOf("if true; then cat <<END; fi\nb\n").at(-1)).toBe(
    '1:19 the text behind "<<END" has no line "END" that ends it: it is all that follows',
  );
  expect(notesOf("cat <<END | sort\nb\nEND\n")).toEqual([]);
});
