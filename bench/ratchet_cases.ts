/**
 * One quick case for each thing that is to stay fast: a command of ours and a peer's that does the same work.
 */
import { join } from "node:path";
import { peer, root, writeFlow, writeScratch } from "./harness.ts";

export interface Peers {
  /** For all runtimes, or one for each. */
  readonly deno: readonly string[];
  readonly bun: readonly string[];
  readonly node: readonly string[];
}

export interface RatchetCase {
  readonly name: string;
  /** What the peer is, for people. */
  readonly against: string;
  readonly peer: Peers;
  /** Arguments of ours. */
  readonly args: readonly string[];
  readonly stdin?: string;
}

const MIB = 1024 ** 2;
const bin = join(root, "node_modules", ".bin");

export function listCases(): readonly RatchetCase[] {
  return [
    start(),
    chain(1, 1024),
    chain(4, 512),
    chain(16, 256),
    fanOut(),
    concat(),
    diamond(),
    shortProcesses(),
    layers(),
    planning(),
    stderr(),
    records(),
    keyed(),
  ];
}

function same(...command: readonly string[]): Peers {
  return { deno: command, bun: command, node: command };
}

function bash(line: string): Peers {
  return same("bash", "-c", line);
}

function start(): RatchetCase {
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

function chain(count: number, mib: number): RatchetCase {
  const cats = Array.from({ length: count }, (_, at) => `cat${at}`);
  const flow = writeFlow(`chain${count}`, {
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

function fanOut(): RatchetCase {
  const actors = {
    zeros: { run: zeros(512) },
    a: { sh: "cat > /dev/null", in: "zeros" },
    b: { sh: "cat > /dev/null", in: "zeros" },
  };
  return {
    name: "fan-out to 2",
    against: "tee",
    peer: bash(`${zeros(512).join(" ")} | tee >(cat > /dev/null) | cat > /dev/null; wait`),
    args: [writeFlow("fanout", { actors, out: { "a.out": "a", "b.out": "b" } })],
  };
}

function concat(): RatchetCase {
  const parts = ["a", "b", "c", "d"];
  const actors = {
    ...Object.fromEntries(parts.map((name) => [name, { run: zeros(128) }])),
    count: { run: ["wc", "-c"], in: parts },
  };
  return {
    name: "concat of 4",
    against: "cat <( )",
    peer: bash(`cat ${parts.map(() => `<(${zeros(128).join(" ")})`).join(" ")} | wc -c`),
    args: [writeFlow("concat", { actors })],
  };
}

function diamond(): RatchetCase {
  const actors = {
    zeros: { run: zeros(256) },
    a: { run: ["cat"], in: "zeros" },
    b: { run: ["cat"], in: "zeros" },
    count: { run: ["wc", "-c"], in: ["a", "b"] },
  };
  return {
    name: "diamond",
    against: "tee to files",
    peer: bash(
      `${zeros(256).join(" ")} | tee d1 > d2; { cat d1 | cat; cat d2 | cat; } | wc -c; rm d1 d2`,
    ),
    args: [writeFlow("diamond", { actors })],
  };
}

function shortProcesses(): RatchetCase {
  const actors = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, at) => [`a${at}`, { run: ["/bin/true"] }]),
  );
  return {
    name: "1,000 × true",
    against: "bash's for",
    peer: bash("for i in $(seq 1000); do /bin/true; done"),
    args: [writeFlow("short", { actors }), "--processes", "2"],
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

function layers(): RatchetCase {
  const actors = layered(1_000);
  return {
    name: "1,000 actors in layers",
    against: "make -j2",
    peer: same("make", "-s", "-j2", "-f", toMakefile("Layers.mk", actors)),
    args: [writeFlow("layers", { actors, out: Object.keys(actors).slice(-100) }), "--processes", "2"],
  };
}

function planning(): RatchetCase {
  const actors = layered(10_000);
  return {
    name: "check of 10,000",
    against: "make -n",
    peer: same("make", "-n", "-f", toMakefile("Plan.mk", actors)),
    args: ["check", writeFlow("plan", { actors, out: Object.keys(actors).slice(-100) })],
  };
}

function stderr(): RatchetCase {
  const lines = writeScratch("lines.txt", "a line of text\n".repeat(1_400_000));
  return {
    name: "20 MB on standard error",
    against: "sed 's/^/p | /'",
    peer: bash(`sed 's/^/p | /' ${lines} > told`),
    args: [writeFlow("stderr", { actors: { p: { run: ["sh", "-c", `cat ${lines} >&2`] } } })],
  };
}

const RECORDS = 50_000;

function records(): RatchetCase {
  const file = writeScratch(
    "records.ndjson",
    Array.from({ length: RECORDS }, (_, at) => `${JSON.stringify({ id: at, name: `name ${at}` })}\n`).join(
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
    echo: { run: ["python3", script], protocol: "messages", in: "file" },
    count: { run: ["wc", "-l"], in: "echo" },
  };
  const plain = `import json,sys
for line in sys.stdin: sys.stdout.write(json.dumps(json.loads(line)) + "\\n")`;
  return {
    name: `${RECORDS} records through the Python SDK`,
    against: "bare json in Python",
    peer: bash(`python3 -c '${plain}' < ${file} | wc -l`),
    args: [writeFlow("records", { actors })],
  };
}

function keyed(): RatchetCase {
  const file = writeScratch(
    "keyed.ndjson",
    Array.from({ length: RECORDS }, (_, at) => `${JSON.stringify({ key: `k${at % 1000}`, n: at })}\n`).join(
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
    name: `${RECORDS} records to 1,000 keys`,
    against: "jq alone",
    peer: bash(`jq -c --unbuffered empty < ${file}`),
    args: [writeFlow("keyed", { actors, out: "sums" })],
  };
}
