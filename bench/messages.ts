/**
 * `npm run bench:messages`: how many messages go through the engine, and how soon an answer is there, against pyzmq
 * over TCP loopback in the same run: the same Python at both ends, the same JSON. Rounds are interleaved, because what
 * else the machine does matters more than anything here.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { engines, root, writeFlow } from "./harness.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const ONE_WAY = 300_000;
const REQUESTS = 10_000;
const KEYS = 1000;
const KEYED = 100_000;
const SCRIPT = join(root, "bench", "peers", "messages.py");

type Figures = Readonly<Record<string, number>>;

interface Contender {
  readonly label: string;
  readonly command: readonly string[];
}

const python = makeVenv();
console.log(`Linux ${release()}, ${cpus().length} cores; ${versions()}; ${ROUNDS} rounds`);

const actor = (...words: readonly (string | number)[]): object => ({
  run: ["python3", SCRIPT, ...words.map(String)],
  protocol: "messages",
});
const oneWay = writeFlow("one-way", {
  actors: { send: actor("send", ONE_WAY), sink: actor("sink", ONE_WAY) },
});
const alone = writeFlow("alone", {
  actors: { send: actor("fast-send", ONE_WAY), sink: actor("fast-sink", ONE_WAY) },
});
const request = writeFlow("request", {
  actors: { client: actor("client", REQUESTS), server: actor("server") },
});
let port = 21_000 + process.pid % 20_000;

await compare("One way, messages a second: json.dumps and json.loads at the ends", "rate", [
  { label: "pyzmq PUSH/PULL", command: [python, SCRIPT, "zmq-one-way", "PORT", String(ONE_WAY)] },
  ...engines.map(({ label, command }) => ({ label, command: [...command, oneWay] })),
]);
await compare("One way, messages a second: ends that make and read no JSON", "rate", [
  { label: "pyzmq PUSH/PULL, with JSON", command: [python, SCRIPT, "zmq-one-way", "PORT", String(ONE_WAY)] },
  ...engines.map(({ label, command }) => ({ label, command: [...command, alone] })),
]);
await compare("Request and reply, microseconds", "p50", [
  { label: "pyzmq REQ/REP, direct", command: [python, SCRIPT, "zmq-request", "PORT", String(REQUESTS)] },
  { label: "pyzmq by ROUTER/DEALER", command: [python, SCRIPT, "zmq-broker", "PORT", String(REQUESTS)] },
  ...engines.map(({ label, command }) => ({ label, command: [...command, request] })),
]);
await measureKeys();

async function compare(question: string, figure: string, contenders: readonly Contender[]): Promise<void> {
  const results = new Map<string, Figures[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { label, command } of contenders) {
      results.set(label, [...results.get(label) ?? [], ...await play(command)]);
    }
  }
  console.log(`\n### ${question}\n\n| | median | best | ratio to the first | p99 |\n|---|---|---|---|---|`);
  let first: number | undefined;
  for (const [label, rounds] of results) {
    const values = rounds.map((each) => each[figure] ?? NaN).sort((a, b) => a - b);
    const median = values[Math.floor(values.length / 2)] ?? NaN;
    const best = (figure === "rate" ? values.at(-1) : values[0]) ?? NaN;
    first ??= median;
    const p99 = rounds.map((each) => each["p99"]).filter((value) => value !== undefined).sort((a, b) =>
      a - b
    );
    const shown = [
      show(median),
      show(best),
      (median / first).toFixed(2),
      show(p99[Math.floor(p99.length / 2)]),
    ];
    console.log(`| ${label} | ${shown.join(" | ")} |`);
  }
}

/** 1,000 keys on 4 hosts, and 10,000 actors that are touched once. */
async function measureKeys(): Promise<void> {
  console.log(
    "\n### Keyed actors\n\n| | keys | messages | s, with start | engine's peak MiB |\n|---|---|---|---|---|",
  );
  for (const { keys, count } of [{ keys: KEYS, count: KEYED }, { keys: 10_000, count: 10_000 }]) {
    const flow = writeFlow(`keys-${keys}`, {
      actors: {
        writer: actor("keys", keys, count),
        bank: { ...actor("bank"), supervisor: { type: "keyed", key: "/key", hosts: 4 } },
      },
    });
    for (const { label, command } of engines) {
      const from = performance.now();
      let peak = 0;
      const hosts = await play([...command, flow], (bytes) => peak = Math.max(peak, bytes));
      const messages = hosts.reduce((sum, host) => sum + (host["messages"] ?? 0), 0);
      if (messages !== count) throw new Error(`${label}: ${messages} of ${count} messages`);
      const seconds = (performance.now() - from) / 1000;
      console.log(
        `| ${label} | ${keys} | ${count} | ${seconds.toFixed(2)} | ${(peak / 1024 ** 2).toFixed(0)} |`,
      );
    }
  }
}

/** Runs a command; what it prints are figures, one object a line. */
async function play(
  command: readonly string[],
  onMemory?: (bytes: number) => void,
): Promise<readonly Figures[]> {
  const words = command.map((word) => word === "PORT" ? String(port += 2) : word);
  const [file = "", ...args] = words;
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => text += String(chunk));
  const timer = onMemory === undefined ? undefined : setInterval(() => onMemory(peakOf(child.pid ?? 0)), 20);
  const code = await new Promise((settle) => child.on("close", settle));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${words.join(" ")}: exit ${String(code)}`);
  // An actor's records are their payloads; over ZeroMQ the whole is printed.
  return text.trim().split("\n").map((line) => {
    const value = JSON.parse(line) as Figures & { readonly message?: Figures };
    return value.message ?? value;
  });
}

function peakOf(pid: number): number {
  try {
    const status = execFileSync("cat", [`/proc/${pid}/status`], { encoding: "utf8", stdio: "pipe" });
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended.
  }
}

function makeVenv(): string {
  const folder = join(tmpdir(), "bench-of-sluice-pyzmq");
  const file = join(folder, "bin", "python");
  if (!existsSync(file)) {
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(file, ["-m", "pip", "install", "--quiet", "pyzmq"], { stdio: "inherit" });
  }
  return file;
}

function versions(): string {
  const words =
    "import sys, zmq; print('Python', sys.version.split()[0] + ', pyzmq', zmq.__version__ + ', ZeroMQ', zmq.zmq_version())";
  const zmq = execFileSync(python, ["-c", words], { encoding: "utf8" }).trim();
  const runtimes = engines.map(({ label, command: [file = ""] }) => {
    const line = execFileSync(file, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
    return `${label.split(" ").at(-1)} ${/\d+\.\d+\.\d+/.exec(line)?.[0]}`;
  });
  return [zmq, ...runtimes].join(", ");
}

function show(value: number | undefined): string {
  if (value === undefined) return "";
  return value > 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}
