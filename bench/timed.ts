/**
 * One command, timed: the clock, the processor time of all that it waited for, and the most memory that it held itself.
 *
 * A shell times it, because it learns the processor time of what has ended; what the shell itself takes is not in it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";

export interface Timed {
  readonly ms: number;
  readonly processorMs: number;
  readonly peakBytes: number;
  readonly stdout: string;
  readonly problem?: string;
}

export interface TimedOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether what it prints is kept; else it goes to /dev/null. @default false */
  readonly keepsOutput?: boolean;
  /** After this time it hangs. @default 120,000 */
  readonly timeoutMs?: number;
}

const SHELL = `TIMEFORMAT="%3U %3S"
from=$EPOCHREALTIME
{ time "$@" 2>&4 3>&- 4>&-; } 4>&2 2>&3
code=$?
echo "$from $EPOCHREALTIME" >&3
exit $code`;
const TIMEOUT_MS = 120_000;
const SAMPLE_MS = 20;
const STDOUT_MAX = 100_000;
const bin = join(resolve(import.meta.dirname, ".."), "node_modules", ".bin");

/** Runs a command to its end; what hangs or fails is said. */
export async function timeCommand(command: readonly string[], options: TimedOptions): Promise<Timed> {
  const child = spawn("bash", ["-c", SHELL, "bash", ...command], {
    cwd: options.cwd,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"]}`,
      FORCE_COLOR: "0",
      ...options.env,
    },
    detached: true,
    stdio: ["ignore", options.keepsOutput === true ? "pipe" : "ignore", "ignore", "pipe"],
  });
  let peakBytes = 0;
  const sampler = setInterval(() => peakBytes = Math.max(peakBytes, readPeak(child.pid)), SAMPLE_MS);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, options.timeoutMs ?? TIMEOUT_MS);
  const texts = [collect(child, 1), collect(child, 3)] as const;
  const code = await new Promise<number | null>((settle) => {
    child.on("error", () => settle(null));
    child.on("close", settle);
  });
  clearInterval(sampler);
  clearTimeout(timer);
  const [stdout, times] = texts.map((text) => text());
  const problem = isLate ? "hangs" : code === 0 ? undefined : `exit ${code}`;
  return {
    ...readTimes(times ?? ""),
    peakBytes,
    stdout: stdout ?? "",
    ...problem === undefined ? {} : { problem },
  };
}

function collect(child: ChildProcess, fd: 1 | 3): () => string {
  let text = "";
  child.stdio[fd]?.on("data", (chunk: Uint8Array) => {
    if (text.length < STDOUT_MAX) text += new TextDecoder().decode(chunk);
  });
  return () => text;
}

/** `0.012 0.003`, and a line with the clock before and after, whatever the locale writes for a point. */
function readTimes(text: string): { readonly ms: number; readonly processorMs: number } {
  const [user = Number.NaN, system = Number.NaN, from = Number.NaN, to = Number.NaN] = text.replaceAll(
    ",",
    ".",
  )
    .trim().split(/\s+/).map(Number);
  return { ms: (to - from) * 1000, processorMs: (user + system) * 1000 };
}

/** The command is the shell's only child. */
function readPeak(shell: number | undefined): number {
  try {
    const pid = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim();
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has not begun, or has ended.
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
