/**
 * How many messages a second does an actor take, and answer, with each SDK? Over its pipes, without the engine; the
 * processor time of the actor alone tells more than the clock where others work on the same cores.
 *
 *   node bench/sdk.ts [rounds]
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { say } from "../test/sdk/exchanges.ts";

const root = resolve(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");
const actors = join(root, "test", "sdk", "actors");
const built = mkdtempSync(join(tmpdir(), "bench-of-sluice-sdk-"));
/** Processor time in /proc is in hundredths of a second. */
const TICK_MS = 10;

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly messages: number;
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** `Ping` is answered, `Note` is not. */
const KINDS = ["Note", "Ping"] as const;

const subjects: readonly Subject[] = [
  {
    name: "TypeScript on node",
    command: [join(bin, "node"), join(actors, "conformance.ts")],
    messages: 400_000,
  },
  {
    name: "TypeScript on deno",
    command: [join(bin, "deno"), "run", "-A", join(actors, "conformance.ts")],
    messages: 400_000,
  },
  {
    name: "TypeScript on bun",
    command: [join(bin, "bun"), join(actors, "conformance.ts")],
    messages: 400_000,
  },
  { name: "Python", command: ["python3", join(actors, "conformance.py")], messages: 200_000 },
  ...compile(
    "Rust",
    ["rustc", "--edition", "2021", "-O", "-o", join(built, "rust"), "conformance.rs"],
    actors,
  ),
  ...compile("Go", ["go", "build", "-o", join(built, "go"), "."], join(actors, "go")),
  {
    name: "jq alone",
    command: ["jq", "-c", "--unbuffered", "-f", join(actors, "plain.jq")],
    messages: 20_000,
  },
  { name: "bash and jq", command: ["bash", join(actors, "conformance.sh")], messages: 4000 },
];

function compile(name: string, [program = "", ...args]: readonly string[], cwd: string): readonly Subject[] {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off" };
  if (spawnSync(program, args, { cwd, env }).status !== 0) return [];
  return [{ name, command: [join(built, name.toLowerCase())], messages: 400_000 }];
}

async function measure({ command, messages }: Subject, kind: typeof KINDS[number]): Promise<Measured> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SLUICE_PROTOCOL: "messages", SLUICE_ACTOR: "actor" },
  });
  const lines = lineCounter(child);
  const start = say(900_000, "Start", { name: "actor", key: null, args: null, state: null }, {
    sender_actor: "$engine",
  });
  child.stdin.write(text([start, say(0, "Ping", { n: 0 })]));
  await lines.reach(1);
  const data = text(Array.from({ length: messages }, (_, n) => say(n, kind, { n, text: "x" })));
  const last = text([say(0, "Ping", { n: 0 })]);
  const cpuBefore = cpuMs(child);
  const before = performance.now();
  child.stdin.write(data);
  child.stdin.write(last);
  await lines.reach(kind === "Ping" ? messages + 2 : 2);
  const ms = performance.now() - before;
  const cpu = cpuMs(child) - cpuBefore;
  child.stdin.end();
  await new Promise((settle) => child.on("close", settle));
  return { perSecond: messages / ms * 1000, cpuMicroseconds: cpu / messages * 1000 };
}

function text(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Processor time of a process and of the children it has waited for. */
function cpuMs({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return [11, 12].reduce((sum, at) => sum + Number(fields[at]), 0) * TICK_MS;
}

function lineCounter(child: ChildProcess) {
  let seen = 0;
  let wanted = { count: 0, settle: () => {} };
  child.stdout?.on("data", (bytes: Buffer) => {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) seen++;
    if (seen >= wanted.count) wanted.settle();
  });
  return {
    reach: (count: number) =>
      new Promise<void>((settle) => {
        wanted = { count, settle };
        if (seen >= count) settle();
      }),
  };
}

const rounds = Number(process.argv[2] ?? 3);
console.log("|  | takes, a second | µs of processor | answers, a second | µs of processor |");
console.log("|---|---|---|---|---|");
for (const subject of subjects) {
  const cells: string[] = [];
  for (const kind of KINDS) {
    const all: Measured[] = [];
    for (let round = 0; round < rounds; round++) all.push(await measure(subject, kind));
    const best = all.reduce((one, other) => other.perSecond > one.perSecond ? other : one);
    cells.push(String(Math.round(best.perSecond / 100) * 100), best.cpuMicroseconds.toFixed(2));
  }
  console.log(`| ${subject.name} | ${cells.join(" | ")} |`);
}
rmSync(built, { recursive: true, force: true });
