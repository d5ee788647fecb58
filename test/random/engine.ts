/** Starts the engine on a placed case, as a user would, and waits for its end; what does not end is looked at, then ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { databaseOf } from "./captured.ts";
import type { FlowCase, PlacedCase } from "./flow_case.ts";
import { engineCommand, STDIN_FILE } from "./flow_case.ts";
import { openInput, openOutput } from "./pipes.ts";
import { withPatience } from "./patience.ts";
import { describeProcess, findProcesses, killProcesses, measureWanted, measureWork } from "./processes.ts";

/** An engine that has been started. */
export interface Engine {
  readonly pid: number;
  readonly startedAt: number;
  /** Where its standard output goes. */
  readonly stdoutFile: string;
  readonly eventsFile: string | undefined;
  /** Its temporary folder, where nobody else has anything. */
  readonly temporary: string;
  readonly exited: Promise<Exit>;
  /** Settles when all that was written to standard output is in its file. */
  readonly drained: Promise<unknown>;
  readonly stderr: () => string;
  kill(signal: NodeJS.Signals): void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How a run ended. */
export type Ended =
  | { readonly kind: "exit"; readonly exit: Exit; readonly durationMs: number }
  | { readonly kind: "hang"; readonly report: string };

/** Limits of a run. */
export interface WaitLimits {
  /** The longest run. @default 120000, longer on a busy machine */
  readonly endMs?: number;
  /** The longest time in which no actor works or moves a byte. @default 20000 */
  readonly idleMs?: number;
}

const END_MS = 120_000;
const LOOK_MS = 250;
/** Who has run, or wanted to, for more of the time between two looks was not at rest. */
const REST_SHARE = 0.5;
const STOP_MS = 8000;
/** A process that was left behind may hold standard output open; that is found elsewhere. */
const DRAIN_MS = 3000;

/** Starts the engine. `isTold`: it writes its events to a file. */
export async function startEngine(
  placed: PlacedCase,
  { isTold, temporary = join(placed.folder, "tmp") }: {
    readonly isTold: boolean;
    readonly temporary?: string;
  },
): Promise<Engine> {
  const { flowCase, folder, flowFolder } = placed;
  mkdirSync(temporary, { recursive: true });
  const stdoutFile = join(folder, "stdout");
  const stderrFile = join(folder, "stderr");
  const eventsFile = isTold ? join(folder, "events") : undefined;
  const stdin = await openInput({
    file: join(flowFolder, STDIN_FILE),
    kind: flowCase.stdin,
    pipe: join(folder, "stdin-pipe"),
  });
  const stdout = await openOutput({
    file: stdoutFile,
    kind: flowCase.stdout,
    pipe: join(folder, "stdout-pipe"),
  });
  const stderr = openSync(stderrFile, "w");
  const [program, ...args] = limitedCommand(flowCase, [
    ...engineCommand(flowCase.runtime),
    join(flowFolder, "flow.json"),
    ...(flowCase.isCaptured === true ? ["--db", databaseOf(folder)] : []),
    ...(eventsFile === undefined ? [] : ["--events", eventsFile]),
  ]);
  const env = {
    ...process.env,
    TMPDIR: temporary,
    RANDOM_FLOW_FOLDER: folder,
    SLUICE_CACHE: join(folder, "cache"),
    NO_COLOR: "1",
  };
  const startedAt = performance.now();
  const child = spawn(program, args, { cwd: flowFolder, env, stdio: [stdin.fd, stdout.fd, stderr] });
  const exited = exitOf(child);
  for (const fd of [stdin.fd, stdout.fd, stderr]) closeSync(fd);
  if (child.pid === undefined) throw new Error(`Cannot start ${program}`, { cause: await exited });
  return {
    pid: child.pid,
    startedAt,
    stdoutFile,
    eventsFile,
    temporary,
    exited,
    drained: Promise.all([stdin.finished, stdout.finished]),
    stderr: () => readFileSync(stderrFile, "utf8"),
    kill: (signal) => void child.kill(signal),
  };
}

/** The command with as many descriptors as the case says, which it cannot raise. */
function limitedCommand(
  { openFilesMax }: FlowCase,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  return openFilesMax === undefined
    ? command
    : ["sh", "-c", `ulimit -n ${openFilesMax}; exec "$0" "$@"`, ...command];
}

/** Waits for the end of the run. One that hangs is reported and ended, by SIGKILL at last. */
export async function waitForEnd(
  engine: Engine,
  { folder, limits: { endMs, idleMs = 20_000 } }: {
    readonly folder: string;
    readonly limits: WaitLimits;
  },
): Promise<Ended> {
  let work = "";
  let wanted = 0;
  let quietLooks = 0;
  for (;;) {
    const exit = await Promise.race([engine.exited, sleep(LOOK_MS, undefined)]);
    const now = performance.now();
    if (exit !== undefined) await Promise.race([engine.drained, sleep(withPatience(DRAIN_MS))]);
    if (exit !== undefined) return { kind: "exit", exit, durationMs: now - engine.startedAt };
    const actors = findProcesses(folder).filter((pid) => pid !== engine.pid);
    const measured = measureWork(actors);
    const wantedNow = measureWanted([engine.pid, ...actors]);
    // Who waits for a processor, as on a busy machine, is not at rest; one that turns in a circle has END_MS.
    const isAtRest = wantedNow - wanted < LOOK_MS * REST_SHARE;
    if (measured !== work) quietLooks = 0;
    else if (isAtRest) quietLooks += 1;
    work = measured;
    wanted = wantedNow;
    const isIdle = quietLooks * LOOK_MS > idleMs;
    if (!isIdle && now - engine.startedAt < (endMs ?? withPatience(END_MS))) continue;
    const report = describeHang(engine, {
      folder,
      why: isIdle ? `nothing has moved for ${idleMs} ms` : "it does not end",
    });
    await endByForce(engine, folder);
    return { kind: "hang", report };
  }
}

/** SIGTERM, then SIGKILL for the engine and everything of its folder. */
export async function endByForce(engine: Engine, folder: string): Promise<void> {
  engine.kill("SIGTERM");
  if (await Promise.race([engine.exited, sleep(withPatience(STOP_MS))]) !== undefined) return;
  engine.kill("SIGKILL");
  killProcesses(folder);
  await engine.exited;
}

function describeHang(
  engine: Engine,
  { folder, why }: { readonly folder: string; readonly why: string },
): string {
  const seconds = ((performance.now() - engine.startedAt) / 1000).toFixed(1);
  const pids = findProcesses(folder);
  return [`after ${seconds} s: ${why}; ${pids.length} processes`, ...pids.map(describeProcess)].join("\n");
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
}
