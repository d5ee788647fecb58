/**
 * Messages between two Python processes, through the engine and over ZeroMQ on TCP loopback: the same Python at both
 * ends, the same work. What a command prints are its figures, one JSON object a line.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { python } from "./cases.ts";
import { root, writeFlow } from "./harness.ts";

/** `rate` a second, or `p50` and `p99` in microseconds. */
export type Figures = Readonly<Record<string, number>>;

const SCRIPT = join(root, "bench", "peers", "messages.py");
const SDK_SCRIPT = join(root, "bench", "peers", "messages_sdk.py");
const venv = join(tmpdir(), "bench-of-sluice-pyzmq", "bin", "python");
let port = 21_000 + process.pid % 20_000;

type Words = readonly (string | number)[];

/** An actor of bare JSON. */
export function bareActor(...words: Words): object {
  return { run: [python, SCRIPT, ...words.map(String)], protocol: "messages" };
}

/** The same with the SDK. */
export function sdkActor(...words: Words): object {
  return { run: [python, SDK_SCRIPT, ...words.map(String)], protocol: "messages" };
}

/** One sends, the other reads. */
export function oneWay(name: string, [send, sink]: readonly [object, object]): string {
  return writeFlow(name, { actors: { send, sink } });
}

/** One asks, the other answers, one at a time. */
export function requests(name: string, [client, server]: readonly [object, object]): string {
  return writeFlow(name, { actors: { client, server } });
}

/** A Python with pyzmq, if there is one. */
export function findPyzmq(): string | undefined {
  return [venv, python].find((file) =>
    existsSync(file) && spawnSync(file, ["-c", "import zmq"]).status === 0
  );
}

/** Makes one where there is none. */
export function installPyzmq(): string {
  const found = findPyzmq();
  if (found !== undefined) return found;
  const folder = join(tmpdir(), "bench-of-sluice-pyzmq");
  execFileSync(python, ["-m", "venv", folder], { stdio: "inherit" });
  execFileSync(venv, ["-m", "pip", "install", "--quiet", "pyzmq"], { stdio: "inherit" });
  return venv;
}

export function zmqCommand(zmq: string, what: "zmq-one-way" | "zmq-request" | "zmq-broker", count: number) {
  return [zmq, SCRIPT, what, "PORT", String(count)];
}

/** A port that no earlier round has used. */
export function withPort(command: readonly string[]): readonly string[] {
  return command.map((word) => word === "PORT" ? String(port += 2) : word);
}

/** An actor's records are their payloads; over ZeroMQ the whole is printed. */
export function readFigures(text: string): readonly Figures[] {
  return text.trim().split("\n").filter((line) => line.startsWith("{")).map((line) => {
    const value: Figures & { readonly message?: Figures } = JSON.parse(line);
    return value.message ?? value;
  });
}
