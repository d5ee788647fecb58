/** The flows that are spoiled: those of the examples, and one that uses what they do not. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseFlowText } from "../../lib/flow/read/flow_text.ts";

export interface BaseFlow {
  readonly name: string;
  /** Where its relative paths start. */
  readonly folder: string;
  readonly value: unknown;
}

const EXAMPLES = resolve(import.meta.dirname, "../../examples");

const EVERYTHING = {
  name: "everything",
  params: { top: { default: 3, explain: "how many" }, word: { default: "x" } },
  sets: {
    level: { values: ["warn", { name: "error", rank: 2 }], key: "index" },
    number: { range: [1, 9, 2] },
    flow: { files: "*/flow.json", key: "dir", explain: "the examples" },
  },
  aliases: { ".end": ["both"], both: ["sorted", "made"] },
  env: { WORD: "{param.word}" },
  limits: { processes: 4, memory: "8MiB", spill: "64MiB" },
  timeout: "1m",
  grace: "1s",
  start: "lazy",
  onFailure: "continue",
  actors: {
    given: { stdin: true },
    text: { value: "b\na\n", explain: "two lines" },
    data: { value: { list: [1, 2, { three: null }] } },
    page: { file: "README.md" },
    sorted: {
      run: ["sort", "-n"],
      in: ["text", "data"],
      merge: "lines",
      ok: [0, 1],
      retry: { max: 2, backoff: "1s" },
    },
    made: {
      run: ["tee", "{in.left}", "{out.audit}"],
      in: { stdin: "page", left: { from: ["text"], as: "file" } },
      outputs: { audit: 3, log: 4 },
      env: { A: "b" },
      cwd: "median",
      timeout: "10s",
      stall: "10s",
      limits: { memory: "64MiB", cpu: "5s", files: 64 },
    },
    shared: { run: ["cat"], in: "given", workers: { count: 2, by: "key", key: 2, order: "any", header: 1 } },
    kept: { run: ["cat"], in: "made.audit", cache: true, reads: ["*/flow.json"] },
    later: { sh: "cat", in: "made.log", keep: true },
    of: { run: ["echo", "{level}", "{number}"], each: ["level", "number"] },
    gathers: { run: ["cat"], in: "of" },
    talks: {
      run: ["jq", "-c", "."],
      in: "sorted",
      protocol: "messages",
      accepts: ["Record"],
      emits: ["Done"],
      subscribe: ["a/**"],
      prefetch: 4,
      mailbox: { size: 10 },
      supervisor: { type: "pool", size: 2 },
      restart: { intensity: 3, period: "1m" },
      args: { a: 1 },
    },
  },
  out: {
    "-": ["sorted", "gathers"],
    "out/{level}.txt": "of",
    "other.txt": ["shared", "kept", "later", "talks"],
  },
};

export const BASE_FLOWS: readonly BaseFlow[] = [
  ...Array.from({ length: 8 }, () => ({ name: "everything", folder: EXAMPLES, value: EVERYTHING })),
  ...readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).flatMap(
    ({ name }) => {
      const folder = join(EXAMPLES, name);
      const files = readdirSync(folder).filter((file) => file === "flow.json");
      return files.map((file) => ({ name, folder, value: parse(readFileSync(join(folder, file), "utf8")) }));
    },
  ),
];

function parse(text: string): unknown {
  const parsed = parseFlowText(text);
  if (!parsed.ok) throw new Error("An example is no JSON");
  return parsed.text.value;
}
