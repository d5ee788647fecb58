/** Small flows that together make every kind of call into the system, and what has to come out of each. */
import { join } from "node:path";

export interface FaultFlow {
  readonly name: string;
  /** By path, beside `flow.json`. */
  readonly files: Readonly<Record<string, string | object>>;
  readonly args?: readonly string[];
  /** Its first run fails, and what is injected hits the second one. */
  readonly isResumed?: true;
  /** The files that a run makes, and what is in them. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly stdout?: string;
  /** What its actors say on their standard errors; a run that is done has told it. */
  readonly said?: string;
  /** The database of the run, and streams that have to be whole in it. */
  readonly streams?: Readonly<Record<string, string>>;
}

const LINES = 20_000;
const numbers = (last: number): string => Array.from({ length: last }, (_, at) => `${at + 1}\n`).join("");
const seq = { run: ["seq", String(LINES)] };
const cat = (from: unknown): object => ({ run: ["cat"], in: from });
const forward = join(import.meta.dirname, "acknowledge.py");

export const FLOWS: readonly FaultFlow[] = [
  {
    name: "chain",
    files: { "flow.json": { actors: { s: seq, a: cat("s"), b: cat("a") }, out: "b" } },
    outputs: {},
    stdout: numbers(LINES),
  },
  {
    name: "fan",
    files: {
      "flow.json": {
        actors: { s: seq, a: cat("s"), b: cat("s"), j: cat(["a", "b"]) },
        out: { "o.txt": "j" },
      },
    },
    outputs: { "o.txt": numbers(LINES).repeat(2) },
  },
  {
    name: "lines",
    files: {
      "flow.json": {
        actors: {
          v: { value: numbers(3000) },
          f: { file: "in.txt" },
          // Sorted, because whole lines come in any order.
          j: { run: ["sort", "-n"], in: ["v", "f"], merge: "lines" },
        },
        out: { "o.txt": "j", "copy.txt": "v" },
      },
      "in.txt": numbers(3000),
    },
    outputs: {
      "o.txt": Array.from({ length: 3000 }, (_, at) => `${at + 1}\n${at + 1}\n`).join(""),
      "copy.txt": numbers(3000),
    },
  },
  {
    name: "ports",
    files: {
      "flow.json": {
        actors: {
          s: { sh: "seq 5000; seq 5000 >&3", outputs: { more: 3 } },
          p: {
            sh: 'cat "$SLUICE_IN_LEFT" -; wc -l < "$SLUICE_IN_WHOLE"',
            in: { stdin: "s", left: "s.more", whole: { from: "s", as: "file" } },
          },
        },
        out: { "o.txt": "p" },
      },
    },
    outputs: { "o.txt": `${numbers(5000).repeat(2)}5000\n` },
  },
  {
    name: "retry",
    files: {
      "flow.json": {
        actors: {
          s: seq,
          r: {
            sh: "cat; [ -e tried ] || { touch tried; exit 1; }",
            in: "s",
            retry: { max: 3, backoff: "1ms" },
          },
        },
        out: { "o.txt": "r" },
      },
    },
    outputs: { "o.txt": numbers(LINES) },
  },
  {
    name: "workers",
    files: {
      "flow.json": {
        actors: {
          s: seq,
          w: { run: ["cat"], in: "s", workers: { count: 2, block: "32KiB" } },
          k: { run: ["cat"], in: "w", workers: { count: 2, by: "key", key: 1, order: "any" } },
          j: { run: ["sort", "-n"], in: "k" },
        },
        out: { "o.txt": "j", "w.txt": "w" },
      },
    },
    outputs: { "o.txt": numbers(LINES), "w.txt": numbers(LINES) },
  },
  {
    name: "cache",
    files: {
      "flow.json": {
        actors: { s: { ...seq, cache: true }, c: { ...cat("s"), cache: true }, t: cat("c") },
        out: { "o.txt": "t", "c.txt": "c" },
      },
    },
    outputs: { "o.txt": numbers(LINES), "c.txt": numbers(LINES) },
  },
  {
    name: "said",
    files: { "flow.json": { actors: { e: { sh: "echo first >&2; seq 10; echo last >&2" } }, out: "e" } },
    outputs: {},
    stdout: numbers(10),
    said: "e │ last",
  },
  {
    name: "db",
    files: {
      "flow.json": {
        actors: { s: seq, v: { value: "1\n" }, a: cat("s"), b: cat("s"), j: cat(["a", "v", "b"]) },
        out: { "o.txt": "j" },
      },
    },
    args: ["--db", "run.db"],
    outputs: { "o.txt": `${numbers(LINES)}1\n${numbers(LINES)}` },
    streams: { s: numbers(LINES), j: `${numbers(LINES)}1\n${numbers(LINES)}` },
  },
  {
    name: "resume",
    files: {
      "flow.json": {
        actors: { s: seq, a: cat("s"), c: { sh: "cat; [ -e ok ]", in: "a" }, t: cat(["c", "a"]) },
        out: { "o.txt": "t" },
      },
    },
    args: ["--db", "run.db", "--resume"],
    isResumed: true,
    outputs: { "o.txt": numbers(LINES).repeat(2) },
    streams: { a: numbers(LINES), t: numbers(LINES).repeat(2) },
  },
  {
    name: "messages",
    files: {
      "flow.json": {
        actors: {
          s: { run: ["seq", "60"] },
          m: { run: ["python3", forward], in: "s", protocol: "messages", delivery: "at-least-once" },
          // A message may come twice when its process had to be started again.
          u: { run: ["sort", "-nu"], in: "m" },
        },
        out: { "o.txt": "u" },
      },
    },
    args: ["--db", "run.db"],
    outputs: { "o.txt": numbers(60) },
  },
  {
    name: "spill",
    files: {
      "flow.json": {
        actors: {
          s: { run: ["seq", "300000"] },
          a: cat("s"),
          b: cat("s"),
          j: cat(["a", "b"]),
          w: { run: ["md5sum"], in: "j" },
        },
        limits: { memory: "512KiB", spill: "64MiB" },
        out: { "o.txt": "w", "last.txt": "s" },
      },
    },
    outputs: { "o.txt": "84a4e0838398ad6ea0add61b25668a1d  -\n", "last.txt": numbers(300_000) },
  },
];

/** Throws for an unknown name. */
export function flowOf(name: string): FaultFlow {
  const found = FLOWS.find((flow) => flow.name === name);
  if (found === undefined) {
    throw new Error(`Unknown flow "${name}" (${FLOWS.map((flow) => flow.name).join(", ")})`);
  }
  return found;
}
