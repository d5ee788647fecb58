/**
 * `posix_spawn` called directly, on Linux: exact descriptors, a session of its own, signals as the engine was given
 * them. Ended processes are collected on SIGCHLD, by their number, so that processes of others in the same engine are never touched.
 */
import { constants } from "node:os";
import { closeFd, openNull } from "../descriptors/descriptors.ts";
import { ignoredSignals, onSignal } from "./ignored_signals.ts";
import type { SpawnLibc } from "../descriptors/libc.ts";
import { nameErrno, systemError } from "../errno.ts";
import { addressOf, closeFromLibc, errno, libc } from "../descriptors/libc.ts";
import type { ExitStatus, SpawnedProcess, SpawnOptions } from "./spawned_process.ts";
import { SpawnError } from "./spawned_process.ts";

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
/** `waitid` of one process that has ended, without waiting and without collecting it. */
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const CLD_EXITED = 1;
const F_DUPFD_CLOEXEC = 1030;

/**
 * What the engine opens is close-on-exec; what it inherited is not, and lies below this where the C library cannot close
 * all that there is.
 */
const FD_INHERITED_MAX = 256;

/** How the end of a process is told that somebody else in this process has taken: it counts as a failure. */
const COLLECTED_BY_OTHERS: ExitStatus = { code: 255 };

/** How often ended processes are looked for without a signal. */
const COLLECT_MS = 1000;

const encoder = new TextEncoder();
let attributes: Uint8Array | undefined;

export function spawnWithLibc(calls: SpawnLibc, request: SpawnOptions): SpawnedProcess {
  attributes ??= prepare(calls);
  const actions = new Uint8Array(256);
  const moved: number[] = [];
  calls.posix_spawn_file_actions_init(actions);
  try {
    const targets = new Set([0, 1, 2, ...request.fds.keys()]);
    const above = Math.max(...targets) + 1;
    for (const target of targets) {
      let source = request.fds.get(target) ?? openNull();
      if (source !== target && targets.has(source)) {
        source = libc()?.fcntl(source, F_DUPFD_CLOEXEC, above) ?? -1;
        if (source < 0) throw toSpawnError(errno());
        moved.push(source);
      }
      check(calls.posix_spawn_file_actions_adddup2(actions, source, target));
    }
    closeOthers(calls, { actions, targets, above });
    check(calls.posix_spawn_file_actions_addchdir_np(actions, toCString(request.cwd)));
    const started = new Int32Array(1);
    const argv = toPointers([request.file, ...request.args]);
    const env = toPointers(Object.entries(request.env).map(([name, value]) => `${name}=${value}`));
    collector.listen(calls);
    check(calls.posix_spawn(
      started,
      toCString(request.file),
      actions,
      attributes,
      argv.pointers,
      env.pointers,
    ));
    const [pid = 0] = started;
    return { pid, exited: collector.add(pid, request.onExit) };
  } finally {
    collector.rest();
    calls.posix_spawn_file_actions_destroy(actions);
    for (const fd of moved) closeFd(fd);
  }
}

/** Waits for the processes it was told of; listens to SIGCHLD only while there are any. */
const collector = {
  running: new Map<number, (status: ExitStatus) => void>(),
  info: new Int32Array(32),
  unlisten: undefined as (() => void) | undefined,
  timer: undefined as NodeJS.Timeout | undefined,

  /** Has to come before the process starts, so that its end cannot be missed. */
  listen(calls: SpawnLibc): void {
    if (this.unlisten !== undefined) return;
    const handler = (): void => this.collect(calls);
    this.unlisten = onSignal("SIGCHLD", handler);
    // A listener alone does not keep Node alive; and should a signal ever be lost, the timer finds out.
    this.timer = setInterval(handler, COLLECT_MS);
  },

  add(pid: number, onExit?: (status: ExitStatus) => void): Promise<ExitStatus> {
    return new Promise((resolve) =>
      this.running.set(pid, (status) => {
        onExit?.(status);
        resolve(status);
      })
    );
  },

  collect(calls: SpawnLibc): void {
    for (const [pid, end] of this.running) {
      const status = this.look(calls, pid);
      if (status === undefined) continue;
      this.running.delete(pid);
      end(status);
      calls.waitpid(pid, null, WNOHANG);
    }
    this.rest();
  },

  /** How a process has ended that still waits to be collected; undefined when it has not. */
  look(calls: SpawnLibc, pid: number): ExitStatus | undefined {
    this.info.fill(0);
    const isLooked = calls.waitid(P_PID, pid, this.info, WEXITED | WNOHANG | WNOWAIT) === 0;
    // Interrupted, it is looked at again; collected by somebody else, it would be waited for in vain.
    if (!isLooked) return nameErrno(errno()) === "ECHILD" ? COLLECTED_BY_OTHERS : undefined;
    // As `siginfo_t` has them where an address has 64 bits.
    const [, , how, , ended, , value = 0] = this.info;
    if (ended !== pid) return undefined;
    return how === CLD_EXITED ? { code: value & 0xff } : { signal: nameSignal(value) };
  },

  /** Stops listening when nothing is left to wait for, so that the engine can end. */
  rest(): void {
    if (this.running.size > 0 || this.unlisten === undefined) return;
    this.unlisten();
    clearInterval(this.timer);
    this.unlisten = undefined;
  },
};

function nameSignal(number: number): string {
  return Object.entries(constants.signals).find(([, known]) => known === number)?.[0] ?? `SIG${number}`;
}

function toCString(text: string): Uint8Array {
  return encoder.encode(`${text}\0`);
}

/** A NULL-terminated array of C strings; `bytes` has to live as long as the pointers are used. */
function toPointers(texts: readonly string[]): { pointers: BigUint64Array; bytes: Uint8Array } {
  const pointers = new BigUint64Array(texts.length + 1);
  // Nothing has no address: Bun refuses to tell one.
  if (texts.length === 0) return { pointers, bytes: new Uint8Array() };
  const bytes = encoder.encode(`${texts.join("\0")}\0`);
  const base = addressOf(bytes);
  // No text has a zero of its own: the system would take none.
  for (let index = 0, offset = 0; index < texts.length; index++) {
    pointers[index] = base + BigInt(offset);
    offset = bytes.indexOf(0, offset) + 1;
  }
  return { pointers, bytes };
}

/** Makes the attributes that all processes share, once. */
function prepare(calls: SpawnLibc): Uint8Array {
  const made = new Uint8Array(512);
  const all = new Uint8Array(128);
  const none = new Uint8Array(128);
  calls.posix_spawnattr_init(made);
  calls.sigfillset(all);
  calls.sigemptyset(none);
  // What the runtime ignores for itself, SIGPIPE, is not to be ignored by actors; what its caller wished, is.
  for (const number of ignoredSignals()) removeSignal(all, number);
  calls.posix_spawnattr_setsigdefault(made, all);
  calls.posix_spawnattr_setsigmask(made, none);
  calls.posix_spawnattr_setflags(made, SETSIGDEF | SETSIGMASK | SETSID);
  return made;
}

/** Signals are counted from 1. */
function removeSignal(set: Uint8Array, number: number): void {
  const at = (number - 1) >> 3;
  set[at] = (set[at] ?? 0) & ~(1 << ((number - 1) & 7));
}

/** Functions of this family give the number of their error. */
function check(number: number): void {
  if (number !== 0) throw toSpawnError(number);
}

function toSpawnError(number: number): SpawnError {
  const name = nameErrno(number);
  return new SpawnError(name, `the system did not start it (${systemError(name).message})`);
}

/**
 * Closes in the process what it was not given: what the engine's own program inherited or left open for children. That
 * is done there, because here the descriptors are those of whoever uses the engine.
 */
function closeOthers(
  calls: SpawnLibc,
  { actions, targets, above }: {
    readonly actions: Uint8Array;
    readonly targets: ReadonlySet<number>;
    readonly above: number;
  },
): void {
  const closeFrom = closeFromLibc();
  const end = closeFrom === undefined ? FD_INHERITED_MAX : above;
  for (let fd = 3; fd < end; fd++) {
    if (!targets.has(fd)) check(calls.posix_spawn_file_actions_addclose(actions, fd));
  }
  closeFrom?.posix_spawn_file_actions_addclosefrom_np(actions, above);
}
