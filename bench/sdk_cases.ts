/**
 * An actor with each SDK over its pipes, without the engine: how many messages a second it takes, and answers, and what
 * processor time that is. It alone tells more than the clock where others work on the same cores.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { say } from "../test/sdk/exchanges.ts";
import { python } from "./cases.ts";
import { folder, root, writeScratch } from "./harness.ts";

const bin = join(root, "node_modules", ".bin");
const actors = join(root, "test", "sdk", "actors");
/** Processor time in /proc is in hundredths of a second. */
const TICK_MS = 10;

export interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly messages: number;
}

export interface MeasuredSdk {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** `Ping` is answered, `Note` is not. */
export const KINDS = ["Note", "Ping"] as const;

/** One call of json.loads and json.dumps for each line, and nothing else. */
const BARE = `import json, os, sys
left = b""
while True:
    data = os.read(0, 1 << 18)
    if not data:
        break
    *lines, left = (left + data).split(b"\\n")
    out = []
    for line in lines:
        env = json.loads(line)
        if env["message_type"] == "Ping":
            out.append(json.dumps({"message_type": "Pong", "receiver": env["sender_actor"],
                                   "correlation_id": env["message_id"], "message": {"n": env["message"]["n"]}}))
    if out:
        sys.stdout.write("\\n".join(out) + "\\n")
        sys.stdout.flush()
`;

export function pythonSubject(): Subject {
  return { name: "Python", command: [python, join(actors, "conformance.py")], messages: 200_000 };
}

/** What Python alone needs for the same lines. */
export function bareSubject(): Subject {
  return { name: "bare json in Python", command: [python, writeScratch("bare.py", BARE)], messages: 200_000 };
}

export function listSubjects(): readonly Subject[] {
  const conformance = join(actors, "conformance.ts");
  return [
    { name: "TypeScript on node", command: [join(bin, "node"), conformance], messages: 400_000 },
    { name: "TypeScript on deno", command: [join(bin, "deno"), "run", "-A", conformance], messages: 400_000 },
    { name: "TypeScript on bun", command: [join(bin, "bun"), conformance], messages: 400_000 },
    pythonSubject(),
    bareSubject(),
    ...compile(
      "Rust",
      ["rustc", "--edition", "2021", "-O", "-o", join(folder, "rust"), "conformance.rs"],
      actors,
    ),
    ...compile("Go", ["go", "build", "-o", join(folder, "go"), "."], join(actors, "go")),
    {
      name: "jq alone",
      command: ["jq", "-c", "--unbuffered", "-f", join(actors, "plain.jq")],
      messages: 20_000,
    },
    { name: "bash and jq", command: ["bash", join(actors, "conformance.sh")], messages: 4000 },
  ];
}

function compile(name: string, [program = "", ...args]: readonly string[], cwd: string): readonly Subject[] {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off" };
  if (spawnSync(program, args, { cwd, env }).status !== 0) return [];
  return [{ name, command: [join(folder, name.toLowerCase())], messages: 400_000 }];
}

export async function measureSdk(
  { command, messages }: Subject,
  kind: typeof KINDS[number],
): Promise<MeasuredSdk> {
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
