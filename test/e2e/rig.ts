/**
 * Runs the program on each runtime, as a user would, and fails a test that leaves a process or a file behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect } from "vitest";

export const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules", ".bin");

/** How each runtime is started with the program; the first word is the name. */
export const runtimes = [
  { name: "node", command: [join(bin, "node"), join(root, "mod.ts")] },
  { name: "deno", command: [join(bin, "deno"), "run", "-A", join(root, "mod.ts")] },
  { name: "bun", command: [join(bin, "bun"), join(root, "mod.ts")] },
] as const;

export type Runtime = typeof runtimes[number];

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  /** Without the closing line. */
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What has come so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

const mark = `SLUICE_TEST=${randomUUID()}`;
const folders: string[] = [];
/** Not that of whoever runs the tests. */
const cacheFolder = mkdtempSync(join(tmpdir(), "test-of-sluice-cache-"));
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

/** When the test has to give up waiting, so that it can still say what it has waited for. */
let giveUpAt = Infinity;
const GIVE_UP_MS = 2_000;
beforeEach(({ task }) => void (giveUpAt = Date.now() + task.timeout - GIVE_UP_MS));

afterEach(async () => {
  giveUpAt = Date.now() + LEFTOVERS_MS;
  // The watchdog may need a moment after a kill; a process that stays is a failure.
  try {
    await until(() => leftovers().length === 0, () => `left behind: ${leftovers().map(describe).join("; ")}`);
  } finally {
    endLeftovers();
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** How long a process may take to end that a test has left behind, on a busy machine. */
const LEFTOVERS_MS = 20_000;

/** A folder of its own for a test, removed afterwards; `files` by relative path. */
export function makeFolder(files: Readonly<Record<string, string | object>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly stdin?: string | "open";
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the program with arguments. */
export function start(runtime: Runtime, args: readonly string[], options: StartOptions = {}): Started {
  return startCommand([...runtime.command, ...args], options);
}

export function startCommand(command: readonly string[], options: StartOptions = {}): Started {
  const [file = "", ...args] = command;
  const { NO_COLOR: _, FORCE_COLOR: __, GITHUB_ACTIONS: ___, ...inherited } = process.env;
  const env = {
    ...inherited,
    SLUICE_TEST: mark.slice("SLUICE_TEST=".length),
    TMPDIR: tmpdir(),
    SLUICE_CACHE: cacheFolder,
    ...options.env,
  };
  const child = spawn(file, args, { cwd: options.cwd ?? root, env, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  child.stdin.on("error", () => undefined); // Programs may end before they have read all.
  if (options.stdin !== "open") child.stdin.end(options.stdin ?? "");
  const ended = new Promise<Ended>((settle, reject) => {
    child.on("error", reject);
    child.on(
      "close",
      (code, signal) =>
        settle({
          code,
          signal,
          stdout: Buffer.from(stdout, "latin1").toString(),
          stderr: splitClosing(stderr)[0],
        }),
    );
  });
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** What the program says, and the lines that close it in any case, one for each of its runs; empty when there is none. */
export function splitClosing(stderr: string): readonly [said: string, closing: string] {
  const CLOSING = /^(?:done|failed|stopped) in .*\n/gm;
  return [stderr.replace(CLOSING, ""), (stderr.match(CLOSING) ?? []).join("")];
}

/** Runs the program to its end. */
export function run(runtime: Runtime, args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return start(runtime, args, options).ended;
}

/** Writes a flow into a folder of its own and runs it. */
export function runFlow(
  runtime: Runtime,
  flow: object,
  options: StartOptions & {
    readonly args?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<Ended> {
  const folder = makeFolder({ ...options.files, "flow.json": flow });
  return run(runtime, [join(folder, "flow.json"), ...(options.args ?? [])], options);
}

/** Waits for a condition; the only timed thing is giving up, shortly before the test itself is given up. */
export async function until(
  condition: () => boolean,
  explain: () => string = () => "condition not met",
): Promise<void> {
  while (!condition()) {
    if (Date.now() > giveUpAt) expect.fail(explain());
    await sleep(10);
  }
}

/** Ends what a test has left behind, so that the next one is judged by its own processes. */
function endLeftovers(): void {
  for (const pid of leftovers()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended while we looked.
    }
  }
}

/** Processes of this test file that are alive, by their environment. */
export function leftovers(): readonly number[] {
  return readdirSync("/proc").map(Number).filter((pid) => {
    if (!Number.isInteger(pid) || pid === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark) &&
        !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return false; // It has ended while we looked.
    }
  });
}

function describe(pid: number): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`;
  } catch {
    return `${pid} (ended)`;
  }
}

/** Process ids of anybody whose command line is this, also of programs that have cleared their environment. */
export function findExactly(command: string): readonly number[] {
  return readdirSync("/proc").map(Number).filter((pid) =>
    Number.isInteger(pid) && describe(pid) === `${pid} ${command} `
  );
}

/** Process ids of this test whose command line contains a text. */
export function findCommand(text: string): readonly number[] {
  return leftovers().filter((pid) => describe(pid).includes(text));
}
