/**
 * What is measured again and again, each in one place: a command of ours and a peer's that does the same work. Quick
 * for the ratchet, in full size for the goals.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { peer, root, writeFlow, writeScratch } from "./harness.ts";

export const RUNTIMES = ["deno", "bun", "node"] as const;
export type Runtime = typeof RUNTIMES[number];

/** A command of a peer: one for all runtimes, or one for each. */
export type Peers = Readonly<Record<Runtime, readonly string[]>>;

export interface Case {
  readonly name: string;
  /** What the peer is, for people. */
  readonly against: string;
  readonly peer: Peers;
  /** Arguments of ours. */
  readonly args: readonly string[];
}

const MIB = 1024 ** 2;
const bin = join(root, "node_modules", ".bin");
/** Itself, not what a manager of versions puts before it. */
export const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
  encoding: "utf8",
})
  .trim();

export function listQuickCases(): readonly Case[] {
  return [
    start(),
    chain(1, 1024),
    chain(4, 512),
    chain(16, 256),
    fanOut(512),
    concat(128),
    diamond(256),
    shortProcesses(1_000),
    layers(1_000),
    planning(10_000, "check"),
    stderr(20),
    records(50_000),
    keyed(50_000),
  ];
}

function same(...command: readonly string[]): Peers {
  return { deno: command, bun: command, node: command };
}

function bash(line: string): Peers {
  return same("bash", "-c", line);
}

export function start(): Case {
  const actors = { hi: { run: ["echo", "hi"] }, shown: { run: ["cat"], in: "hi" } };
  return {
    name: "start",
    against: "the least of the runtime: deno eval, Bun Shell, node -e",
    peer: {
      deno: [join(bin, "deno"), "eval", "1"],
      bun: peer("bun", "hello.mjs", "bun-shell"),
      node: [join(bin, "node"), "-e", "1"],
    },
    args: [writeFlow("start", { actors })],
  };
}

function zeros(mib: number): readonly string[] {
  return ["head", "-c", String(mib * MIB), "/dev/zero"];
}

export function chain(count: number, mib: number): Case {
  const cats = Array.from({ length: count }, (_, at) => `cat${at}`);
  const flow = writeFlow(`chain-${count}-${mib}`, {
    actors: {
      zeros: { run: zeros(mib) },
      ...Object.fromEntries(cats.map((name, at) => [name, { run: ["cat"], in: cats[at - 1] ?? "zeros" }])),
      count: { run: ["wc", "-c"], in: cats.at(-1) },
    },
  });
  return {
    name: `chain of ${count}`,
    against: "bash",
    peer: bash(`${zeros(mib).join(" ")} ${cats.map(() => "| cat").join(" ")} | wc -c`),
    args: [flow],
  };
}

export function fanOut(mib: number): Case {
  const actors = {
    zeros: { run: zeros(mib) },
    a: { sh: "cat > /dev/null", in: "zeros" },
    b: { sh: "cat > /dev/null", in: "zeros" },
  };
  return {
    name: "fan-out to 2",
    against: "tee",
    peer: bash(`${zeros(mib).join(" ")} | tee >(cat > /dev/null) | cat > /dev/null; wait`),
    args: [writeFlow(`fanout-${mib}`, { actors, out: { "a.out": "a", "b.out": "b" } })],
  };
}

/** Of four streams, of so many MiB each. */
export function concat(mib: number): Case {
  const parts = ["a", "b", "c", "d"];
  const actors = {
    ...Object.fromEntries(parts.map((name) => [name, { run: zeros(mib) }])),
    count: { run: ["wc", "-c"], in: parts },
  };
  return {
    name: "concat of 4",
    against: "cat <( )",
    peer: bash(`cat ${parts.map(() => `<(${zeros(mib).join(" ")})`).join(" ")} | wc -c`),
    args: [writeFlow(`concat-${mib}`, { actors })],
  };
}

/** Two branches of so many MiB, joined in order; what is held is bounded by `memory`, if told. */
export function diamond(mib: number, memory?: string): Case {
  const actors = {
    zeros: { run: zeros(mib) },
    a: { run: ["cat"], in: "zeros" },
    b: { run: ["cat"], in: "zeros" },
    count: { run: ["wc", "-c"], in: ["a", "b"] },
  };
  return {
    name: memory === undefined ? "diamond" : `diamond, ${memory} of memory`,
    against: "tee to files",
    peer: bash(
      `${zeros(mib).join(" ")} | tee d1 > d2; { cat d1 | cat; cat d2 | cat; } | wc -c; rm d1 d2`,
    ),
    args: [
      writeFlow(`diamond-${mib}-${memory}`, {
        actors,
        ...memory === undefined ? {} : { limits: { memory } },
      }),
    ],
  };
}

export function shortProcesses(count: number): Case {
  const actors = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`a${at}`, { run: ["/bin/true"] }]),
  );
  return {
    name: `${told(count)} × true`,
    against: "bash's for",
    peer: bash(`for i in $(seq ${count}); do /bin/true; done`),
    args: [writeFlow(`short-${count}`, { actors }), "--processes", "2"],
  };
}

/** Layers of 100, two inputs each. */
function layered(count: number): Record<string, { run: string[]; in?: string[] }> {
  const name = (at: number): string => `a${at}`;
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [
    name(at),
    at < 100
      ? { run: ["true"] }
      : { run: ["true"], in: [name(at - 100), name(at - 100 + (at % 100 === 99 ? -1 : 1))] },
  ]));
}

function toMakefile(name: string, actors: ReturnType<typeof layered>): string {
  const rules = Object.entries(actors).map(([target, actor]) =>
    `${target}: ${actor.in?.join(" ") ?? ""}\n\t@true\n`
  );
  return writeScratch(name, `all: ${Object.keys(actors).slice(-100).join(" ")}\n${rules.join("")}`);
}

export function layers(count: number): Case {
  const actors = layered(count);
  return {
    name: `${told(count)} actors in layers`,
    against: "make -j2",
    peer: same("make", "-s", "-j2", "-f", toMakefile(`Layers-${count}.mk`, actors)),
    args: [
      writeFlow(`layers-${count}`, { actors, out: Object.keys(actors).slice(-100) }),
      "--processes",
      "2",
    ],
  };
}

export function planning(count: number, how: "check" | "--dry-run"): Case {
  const actors = layered(count);
  return {
    name: `${how} of ${told(count)}`,
    against: "make -n",
    peer: same("make", "-n", "-f", toMakefile(`Plan-${count}.mk`, actors)),
    args: [how, writeFlow(`plan-${count}`, { actors, out: Object.keys(actors).slice(-100) })],
  };
}

export function stderr(mb: number): Case {
  const lines = writeScratch(`lines-${mb}.txt`, "a line of text\n".repeat(Math.round(mb * 1e6 / 15)));
  return {
    name: `${mb} MB on standard error`,
    against: "sed 's/^/p | /'",
    peer: bash(`sed 's/^/p | /' ${lines} > told`),
    args: [writeFlow(`stderr-${mb}`, { actors: { p: { run: ["sh", "-c", `cat ${lines} >&2`] } } })],
  };
}

export function records(count: number): Case {
  const file = writeScratch(
    `records-${count}.ndjson`,
    Array.from({ length: count }, (_, at) => `${JSON.stringify({ id: at, name: `name ${at}` })}\n`).join(
      "",
    ),
  );
  const script = writeScratch(
    "echo_actor.py",
    `import sys
sys.path.insert(0, ${JSON.stringify(join(root, "actors", "python"))})
from sluice_actor import Actor, run

class Echo(Actor):
    def on_record(self, env):
        self.emit(env.msg)

run(Echo)
`,
  );
  const actors = {
    file: { file },
    echo: { run: [python, script], protocol: "messages", in: "file" },
    count: { run: ["wc", "-l"], in: "echo" },
  };
  const plain = `import json,sys
for line in sys.stdin: sys.stdout.write(json.dumps(json.loads(line)) + "\\n")`;
  return {
    name: `${count} records through the Python SDK`,
    against: "bare json in Python",
    peer: bash(`${python} -c '${plain}' < ${file} | wc -l`),
    args: [writeFlow(`records-${count}`, { actors })],
  };
}

/** To 1,000 keys. */
export function keyed(count: number): Case {
  const file = writeScratch(
    `keyed-${count}.ndjson`,
    Array.from({ length: count }, (_, at) => `${JSON.stringify({ key: `k${at % 1000}`, n: at })}\n`).join(
      "",
    ),
  );
  const actors = {
    file: { file },
    sums: {
      run: ["jq", "-c", "--unbuffered", "empty"],
      protocol: "messages",
      in: "file",
      supervisor: { type: "keyed", key: "/key" },
    },
  };
  return {
    name: `${count} records to 1,000 keys`,
    against: "jq alone",
    peer: bash(`jq -c --unbuffered empty < ${file}`),
    args: [writeFlow(`keyed-${count}`, { actors, out: "sums" })],
  };
}

function told(count: number): string {
  return count.toLocaleString("en");
}
