/**
 * A call into the system that fails once, or from then on: what has become of the run. Right is the exact result with exit 0, told an
 * exit code with a sentence and nothing half-made; everything else is bad, but for a runtime that gives up by itself.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CALLS } from "./calls.ts";
import type { FaultFlow } from "./flows.ts";
import { lookAt, makePlace } from "./place.ts";
import type { FaultRuntime, TracedEnd } from "./traced_engine.ts";
import { runTraced } from "./traced_engine.ts";

export interface Fault {
  readonly runtime: FaultRuntime;
  readonly flow: FaultFlow;
  readonly call: string;
  readonly error: string;
  /** Which call of each thread fails, from 1. */
  readonly at: number;
  /** So do all after it, as on a full disk. */
  readonly isLasting?: boolean;
}

export interface Outcome {
  /** `missed`: no thread has made so many calls this time. */
  readonly kind: "right" | "told" | "runtime" | "missed" | "bad";
  readonly problems: readonly string[];
  readonly said: string;
  /** Calls that have failed: the one with that number of each thread. */
  readonly injected: number;
}

/** How often a clean run makes each call: the most that one of its threads does. Throws when it does not end well. */
export async function countCalls(
  runtime: FaultRuntime,
  flow: FaultFlow,
): Promise<ReadonlyMap<string, number>> {
  const folder = makePlace(flow);
  try {
    const log = join(folder, "trace");
    // A question mark: not every machine has every call.
    const traced = CALLS.map((call) => `?${call}`).join(",");
    const trace = ["-e", `trace=${traced}`, "-e", "signal=none", "-o", log];
    const end = await runTraced(runtime, { args: argsOf(flow), folder, trace });
    const text = readFileSync(log, "utf8");
    rmSync(log);
    const problems = await judge(end, { flow, folder });
    if (end.code !== 0 || problems.length > 0) {
      throw new Error(
        `"${flow.name}" on ${runtime.name} ends with ${end.code} without any fault: ${
          problems.join("; ")
        }\n${end.stderr}\n${end.hang ?? ""}`,
      );
    }
    return countIn(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countIn(trace: string): ReadonlyMap<string, number> {
  const ofThread = new Map<string, number>();
  const most = new Map<string, number>();
  for (const [, thread = "", call = ""] of trace.matchAll(/^(\d+) +(\w+)\(/gm)) {
    const count = (ofThread.get(`${thread} ${call}`) ?? 0) + 1;
    ofThread.set(`${thread} ${call}`, count);
    if (count > (most.get(call) ?? 0)) most.set(call, count);
  }
  return most;
}

/** Runs the flow with the fault. Leaves nothing behind. */
export async function inject({ runtime, flow, call, error, at, isLasting = false }: Fault): Promise<Outcome> {
  const folder = makePlace(flow);
  try {
    const log = join(folder, "trace");
    const fault = `inject=${call}:error=${error}:when=${at}${isLasting ? "+" : ""}`;
    const end = await runTraced(runtime, {
      args: argsOf(flow),
      folder,
      trace: ["-e", `trace=${call}`, "-e", fault, "-o", log],
    });
    const trace = readFileSync(log, "utf8");
    rmSync(log);
    const problems = await judge(end, { flow, folder });
    const said = [end.stderr.trim(), end.hang ?? ""].join("\n").trim();
    const injected = trace.split("(INJECTED)").length - 1;
    const kind = kindOf(end, { trace, problems, injected });
    return { kind, problems, said, injected };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function kindOf(
  end: TracedEnd,
  { trace, problems, injected }: {
    readonly trace: string;
    readonly problems: readonly string[];
    readonly injected: number;
  },
): Outcome["kind"] {
  if (injected === 0) return problems.length > 0 ? "bad" : "missed";
  if (problems.length === 0) return end.code === 0 ? "right" : "told";
  return isOfRuntime(end, { trace, problems }) ? "runtime" : "bad";
}

function argsOf({ args = [] }: FaultFlow): readonly string[] {
  return ["flow.json", "--quiet", ...args];
}

async function judge(
  end: TracedEnd,
  { flow, folder }: { readonly flow: FaultFlow; readonly folder: string },
): Promise<readonly string[]> {
  const { code, signal, stdout, stderr } = end;
  const isDone = code === 0;
  const isCrashed = signal !== null || PANICS.test(stderr);
  const problems = [...await lookAt(folder, { flow, isDone, said: stderr, isCrashed })];
  if (code === undefined) problems.unshift(HANGS);
  else if (signal !== null) problems.unshift(`${DIED} ${signal}`);
  else if (code === null || code > 4) problems.unshift(`it ended with ${code}`);
  else if (!isDone && stderr.trim() === "") problems.unshift(`it ended with ${code} without a word`);
  if (/internal error|Uncaught (?!\(in worker)/.test(stderr)) problems.push("it speaks of a bug");
  const { stdout: want = "", said = "" } = flow;
  if (isDone && !stderr.includes(said)) problems.push("what an actor has said is not told");
  if (isDone && stdout !== want) {
    problems.push(`standard output is wrong (${stdout.length} of ${want.length} bytes)`);
  }
  return problems;
}

const DIED = "it died by";
const HANGS = "it never ended";

/** What the runtimes say when they give up. */
const PANICS =
  /panicked at|Deno has panicked|Bun has crashed|panic\(|panic:|# Fatal |FATAL ERROR|Assertion (?:failed|[`'])|node::Abort|ran out of file descriptors|^Failed to allocate \d+ of memory$/m;

/** By this byte in a pipe of its own libuv gives back the lock of its signals; without it, it waits for ever. */
const LOCK_OF_SIGNALS = /write\(\d+, "\*", 1\) .*\(INJECTED\)/;

/**
 * True for a crash that is the runtime's own: it says so, or the thread whose call has failed ends the process by a
 * signal before it does anything else; and for a runtime that has locked itself out. Also then nothing may be left or
 * half-made.
 */
function isOfRuntime(
  { signal, stderr }: TracedEnd,
  { trace, problems }: { readonly trace: string; readonly problems: readonly string[] },
): boolean {
  if (problems.some((problem) => !problem.startsWith(DIED) && problem !== HANGS)) return false;
  if (PANICS.test(stderr) || LOCK_OF_SIGNALS.test(trace)) return true;
  if (signal === null) return false;
  // The call with that number fails in each thread.
  const lines = trace.split("\n");
  return lines.some((line, at) => {
    if (!line.includes("(INJECTED)")) return false;
    const [thread = ""] = line.split(" ");
    const next = lines.slice(at + 1).find((other) => other.startsWith(`${thread} `)) ?? "";
    return /--- SIG(ABRT|SEGV|ILL|TRAP|BUS)/.test(next);
  });
}
