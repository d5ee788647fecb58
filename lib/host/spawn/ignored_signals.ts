/**
 * Signals that this process was told to ignore when it was started: `nohup`, `&` in a script, `trap ''`. They stay
 * ignored, by the engine and by the processes that it starts, as in a shell.
 */
import { constants } from "node:os";
import process from "node:process";
import { spawnLibc } from "../descriptors/libc.ts";
import { runtimeName } from "../runtime.ts";

const SIGNAL_MAX = 31;
/** `struct sigaction`; the handler comes first. */
const SIGACTION_BYTES = 152;
const SIG_IGN = 1n;

/** Every runtime ignores SIGPIPE for itself, two SIGXFSZ: what was there before nobody can tell. */
const OF_RUNTIMES: readonly number[] = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];

/** By process id and mask, `4711:0000000000000002`: another process that inherits the variable is not meant. */
const TOLD = "SLUICE_SIGNALS_IGNORED";

let known: ReadonlySet<number> | undefined;

/** Their numbers; those are left out that runtimes ignore for themselves. Empty where the C library cannot be called. */
export function ignoredSignals(): ReadonlySet<number> {
  return known ??= new Set(Array.from({ length: SIGNAL_MAX }, (_, at) => at + 1).filter(isIgnored));
}

/** Calls the handler for each such signal, unless it was to be ignored. Returns what takes the handler away. */
export function onSignal(signal: NodeJS.Signals, handler: () => void): () => void {
  const ignored = ignoredSignals();
  // How a process ended is asked for whatever the caller has wished.
  if (ignored.has(constants.signals[signal]) && signal !== "SIGCHLD") return () => undefined;
  process.on(signal, handler);
  // With the first handler, Deno adds some of its own, for SIGHUP, SIGINT and SIGTERM.
  for (const number of ignored) if (number !== constants.signals.SIGCHLD) ignore(number);
  return () => process.off(signal, handler);
}

/**
 * Node resets all signals when it begins, so the program has to be told: by its starter (`bin/sluice`), or by the
 * word that a shell leaves of `nohup`.
 */
export function restoreIgnored(): void {
  if (runtimeName !== "node") return; // Deno would ask for a permission first.
  const told = process.env[TOLD];
  delete process.env[TOLD];
  for (const number of listTold(told)) ignore(number);
}

function listTold(told: string | undefined): readonly number[] {
  const [pid, mask = ""] = told?.split(":") ?? [];
  if (pid === String(process.pid) && /^[0-9a-f]{16}$/.test(mask)) {
    const bits = BigInt(`0x${mask}`);
    return Array.from({ length: SIGNAL_MAX }, (_, at) => at + 1).filter((number) =>
      (bits >> BigInt(number - 1) & 1n) === 1n && !OF_RUNTIMES.includes(number)
    );
  }
  return /(^|\/)nohup$/.test(process.env["_"] ?? "") ? [constants.signals.SIGHUP] : [];
}

/** Asked of the C library: not every permission of Deno lets a program look into `/proc`. */
function isIgnored(number: number): boolean {
  const action = new BigUint64Array(SIGACTION_BYTES / 8);
  if (OF_RUNTIMES.includes(number) || spawnLibc()?.sigaction(number, null, action) !== 0) return false;
  return action[0] === SIG_IGN;
}

function ignore(number: number): void {
  const action = new BigUint64Array(SIGACTION_BYTES / 8);
  action[0] = SIG_IGN;
  spawnLibc()?.sigaction(number, action, null);
}
