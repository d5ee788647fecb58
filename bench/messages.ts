/**
 * `npm run bench:messages`: how many messages go through the engine, and how soon an answer is there, against pyzmq
 * over TCP loopback in the same run: the same Python at both ends, the same JSON. Rounds are interleaved, because what
 * else the machine does matters more than anything here.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpus, release } from "node:os";
import process from "node:process";
import { engines, writeFlow } from "./harness.ts";
import {
  bareActor as actor,
  type Figures,
  installPyzmq,
  oneWay,
  readFigures,
  requests,
  sdkActor,
  withPort,
  zmqCommand,
} from "./message_cases.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const ONE_WAY = 300_000;
const REQUESTS = 10_000;
const KEYS = 1000;
const KEYED = 100_000;

interface Contender {
  readonly label: string;
  readonly command: readonly string[];
}

const python = installPyzmq();
console.log(`Linux ${release()}, ${cpus().length} cores; ${versions()}; ${ROUNDS} rounds`);

const plain = oneWay("one-way", [actor("send", ONE_WAY), actor("sink", ONE_WAY)]);
const sdk = oneWay("one-way-sdk", [sdkActor("send", ONE_WAY), sdkActor("sink", ONE_WAY)]);
const alone = oneWay("alone", [actor("fast-send", ONE_WAY), actor("fast-sink", ONE_WAY)]);
const request = requests("request", [actor("client", REQUESTS), actor("server")]);
const sdkRequest = requests("request-sdk", [sdkActor("client", REQUESTS), sdkActor("server")]);

await compare("One way, messages a second: json.dumps and json.loads at the ends", "rate", [
  { label: "pyzmq PUSH/PULL", command: zmqCommand(python, "zmq-one-way", ONE_WAY) },
  ...engines.map(({ label, command }) => ({ label, command: [...command, plain] })),
  ...engines.map(({ label, command }) => ({ label: `${label}, with the SDK`, command: [...command, sdk] })),
]);
await compare("One way, messages a second: ends that make and read no JSON", "rate", [
  { label: "pyzmq PUSH/PULL, with JSON", command: zmqCommand(python, "zmq-one-way", ONE_WAY) },
  ...engines.map(({ label, command }) => ({ label, command: [...command, alone] })),
]);
await compare("Request and reply, microseconds", "p50", [
  { label: "pyzmq REQ/REP, direct", command: zmqCommand(python, "zmq-request", REQUESTS) },
  { label: "pyzmq by ROUTER/DEALER", command: zmqCommand(python, "zmq-broker", REQUESTS) },
  ...engines.map(({ label, command }) => ({ label, command: [...command, request] })),
  ...engines.map(({ label, command }) => ({
    label: `${label}, with the SDK`,
    command: [...command, sdkRequest],
  })),
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
  const words = withPort(command);
  const [file = "", ...args] = words;
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => text += String(chunk));
  const timer = onMemory === undefined ? undefined : setInterval(() => onMemory(peakOf(child.pid ?? 0)), 20);
  const code = await new Promise((settle) => child.on("close", settle));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${words.join(" ")}: exit ${String(code)}`);
  return readFigures(text);
}

function peakOf(pid: number): number {
  try {
    const status = execFileSync("cat", [`/proc/${pid}/status`], { encoding: "utf8", stdio: "pipe" });
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended.
  }
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
