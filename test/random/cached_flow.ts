/**
 * Flows of cached actors that read files in all ways there are, and changes of those files between two runs. What a run
 * has to give is found by running each actor in turn, without the engine.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import type { Random } from "./prng.ts";

export interface CachedActor {
  readonly sh: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly in: readonly string[];
  readonly cache: boolean;
}

/** A flow, and what its runs are given besides its files. */
export interface CachedFlow {
  readonly actors: Readonly<Record<string, CachedActor>>;
  readonly params: Readonly<Record<string, string>>;
  /** Of the engine's own environment. */
  readonly variables: Readonly<Record<string, string>>;
}

const FILES = ["one", "my file", "é'\"", "empty"] as const;
const FOLDERS = ["d0", "d1", "d1/deep"] as const;
const MAYBE = ["maybe", "d0/new.txt", "d1/new.txt", "d1/deep/.hidden"] as const;
const LINKS = ["link", "d0/link"] as const;
const SCRIPTS = ["script.sh", "d1/lib.sh"] as const;
const VARIABLES = ["P_LEVEL", "P_OTHER"] as const;

/** Every path starts at the flow's folder, which is two above where some actors work. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Ways to read; `$R` leads to the flow's folder. */
const WAYS: readonly (readonly [number, (random: Random, name: string) => string])[] = [
  [4, (random) => `cat "$R"/${quote(random.pick(FILES))}`],
  [2, (random) => `wc -c < "$R"/${quote(random.pick(FILES))}`],
  [3, (random) => `cat "$R"/${random.pick(FOLDERS)}/*.txt`],
  [2, (random) => `ls "$R"/${random.pick(FOLDERS)}`],
  [1, () => `ls`],
  [3, (random) => `[ -e "$R"/${random.pick(MAYBE)} ] && echo there || echo not there`],
  [1, (random) => `[ -s "$R"/${quote(random.pick(FILES))} ] && echo full`],
  [1, (random) => `stat -c %Y "$R"/${quote(random.pick(FILES))}`],
  [1, (random) => `[ -x "$R"/${quote(random.pick(FILES))} ] && echo runs`],
  [2, (random) => `cat "$R"/${random.pick(LINKS)}; readlink "$R"/${random.pick(LINKS)}`],
  [2, (random) => `sh "$R"/${random.pick(SCRIPTS)}`],
  [2, (random) => `(. "$R"/${random.pick(SCRIPTS)})`],
  [1, (random) => `(cd "$R"/${random.pick(FOLDERS)} && cat ../one * .hidden)`],
  [1, (random) => `find "$R"/${random.pick(FOLDERS)} -type f | sort | xargs cat`],
  [1, (random) => `grep -rh . "$R"/${random.pick(FOLDERS)} | sort`],
  [1, (random) => `perl -ne 'print lc' "$R"/${quote(random.pick(FILES))}`],
  [1, (random) => `f=$(mktemp); cp "$R"/${quote(random.pick(FILES))} "$f"; cat "$f"; rm "$f"`],
  [
    1,
    (random, name) =>
      `cp "$R"/one "$TMPDIR"/own-${name}; cat "$TMPDIR"/own-${name} "$R"/${random.pick(MAYBE)}`,
  ],
  [1, () => `PATH="$R/first:$R/second:$PATH"; tool`],
  [2, () => `cat "$R/$NAME"`],
  [2, (random) => `echo "$SLUICE_PARAM_${random.pick(VARIABLES)}"`],
  [1, () => `echo "$INHERITED"`],
  [1, () => `pwd | wc -c; basename "$PWD"`],
];

/** Draws a flow, and writes its files into a folder. */
export function drawCachedFlow(random: Random, folder: string): CachedFlow {
  for (const name of [...FOLDERS, "first", "second", "tmp"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const name of FILES) write(folder, name, name === "empty" ? "" : drawText(random));
  for (const name of ["a.txt", "b.txt"]) {
    for (const at of FOLDERS) write(folder, `${at}/${name}`, drawText(random));
  }
  for (const name of LINKS) symlinkSync(join(folder, "one"), join(folder, name));
  for (const name of SCRIPTS) write(folder, name, drawScript(random));
  write(folder, "second/tool", drawTool(random));
  const actors: Record<string, CachedActor> = {};
  const count = random.int(2, 6);
  for (let index = 0; index < count; index++) {
    const name = `a${index}`;
    const before = Object.keys(actors);
    const cwd = random.pick([".", ".", "d0", "d1/deep"]);
    const ways = Array.from({ length: random.int(1, 3) }, () => random.weighted(WAYS)(random, name));
    const inputs = before.length > 0 && random.chance(0.6) ? [random.pick(before)] : [];
    actors[name] = {
      sh: [...inputs.length > 0 ? ["cat"] : [], ...ways, "true"].map((way) => `{ ${way}; } 2>&1`).join("\n"),
      cwd,
      env: {
        R: cwd === "." ? "." : cwd === "d0" ? ".." : "../..",
        NAME: random.pick(FILES),
        TMPDIR: join(folder, "tmp"),
      },
      in: inputs,
      cache: random.chance(0.9),
    };
  }
  return { actors, params: { p_level: "1", p_other: "1" }, variables: { INHERITED: "1" } };
}

/** Changes something between two runs, and tells what. */
export function changeSomething(random: Random, { flow, folder }: { flow: CachedFlow; folder: string }): {
  readonly flow: CachedFlow;
  readonly told: string;
} {
  const file = random.pick([...FILES, "d0/a.txt", "d1/b.txt", "d1/deep/a.txt", ...MAYBE]);
  const path = join(folder, file);
  const isThere = existsSync(path);
  const next = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
    const name = random.pick(Object.keys(values));
    return { ...values, [name]: String(random.int(2, 99)) };
  };
  const changes: readonly (readonly [number, string, () => CachedFlow | void])[] = [
    [6, `write ${file}`, () => write(folder, file, drawText(random))],
    [3, `same size ${file}`, () => {
      if (isThere) {
        writeFileSync(
          path,
          readFileSync(path, "latin1").replace(/[a-z]/g, (c) => c === "z" ? "a" : "z"),
        );
      }
    }],
    [2, `append ${file}`, () => writeFileSync(path, drawText(random), { flag: "a" })],
    [2, `replace ${file}`, () => {
      write(folder, "replacement", drawText(random));
      renameSync(join(folder, "replacement"), path);
    }],
    [2, `remove ${file}`, () => rmSync(path, { force: true })],
    [
      1,
      `touch ${file}`,
      () => isThere ? utimesSync(path, random.int(1, 1e9), random.int(1, 1e9)) : undefined,
    ],
    [1, `mode of ${file}`, () => isThere ? chmodSync(path, random.pick([0o644, 0o755])) : undefined],
    [2, "link", () => {
      const link = join(folder, random.pick(LINKS));
      rmSync(link, { force: true });
      symlinkSync(random.pick([join(folder, "one"), join(folder, "my file"), "nowhere"]), link);
    }],
    [2, "script", () => write(folder, random.pick(SCRIPTS), drawScript(random))],
    [1, "tool", () => write(folder, random.pick(["first/tool", "second/tool"]), drawTool(random))],
    [1, "tool in front removed", () => rmSync(join(folder, "first/tool"), { force: true })],
    [2, "parameter", () => ({ ...flow, params: next(flow.params) })],
    [1, "inherited variable", () => ({ ...flow, variables: next(flow.variables) })],
  ];
  const [told, change] = random.weighted(changes.map(([weight, ...rest]) => [weight, rest] as const));
  return { flow: change() ?? flow, told };
}

/** What each actor writes, found by running one after the other. */
export function evaluateCached(
  { actors, params, variables }: CachedFlow,
  folder: string,
): ReadonlyMap<string, Buffer> {
  const outputs = new Map<string, Buffer>();
  for (const [name, { sh, cwd, env, in: inputs }] of Object.entries(actors)) {
    const input = Buffer.concat(inputs.map((input) => outputs.get(input) ?? Buffer.alloc(0)));
    const { stdout, status } = spawnSync("/bin/sh", ["-c", sh], {
      cwd: join(folder, cwd),
      env: { ...process.env, ...variables, ...paramsAsVariables(params), ...env },
      input,
    });
    if (status !== 0) throw new Error(`The reference cannot run ${name}: exit ${status}`);
    outputs.set(name, stdout);
  }
  return outputs;
}

/** The flow file. */
export function toFlowFile({ actors, params }: CachedFlow): string {
  const out = Object.fromEntries(Object.keys(actors).map((name) => [`out/${name}`, name]));
  const all = Object.entries(params).map(([name, value]) => [name, { default: value }]);
  return JSON.stringify({ params: Object.fromEntries(all), actors, out });
}

function paramsAsVariables(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [`SLUICE_PARAM_${name.toUpperCase()}`, value]),
  );
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text, name.endsWith("tool") ? { mode: 0o755 } : {});
}

function drawText(random: Random): string {
  return `${random.int(1, 1e6).toString(36)} words\n`.repeat(random.int(1, 3));
}

function drawScript(random: Random): string {
  return `echo ${random.int(1, 99)}; name=${quote(random.pick(FILES))}; cat "$R/$name"\n`;
}

function drawTool(random: Random): string {
  return `#!/bin/sh\necho tool ${random.int(1, 99)}; cat "$R"/one\n`;
}
