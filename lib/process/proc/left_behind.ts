/**
 * What processes have left behind when they have ended: others that they have started, and that can still write to
 * their outputs. Found by what is open, whatever has become of groups and parents, and nobody else is taken for one.
 */
import { lstatSync, readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { UNCLEAR_MS } from "../../core/limits/process.ts";
import { isMessageActor } from "../../core/flow.ts";
import { closeFile, openFile } from "../../host/descriptors/descriptors.ts";
import { errno, libc } from "../../host/descriptors/libc.ts";
import { nameErrno } from "../../host/errno.ts";
import { isLinux } from "../../host/runtime.ts";
import type { Left, ProcessRun } from "../state/process_run.ts";
import { lookForMarked } from "./find_marked.ts";
import { identifyOpen, readQuietly } from "./process_table.ts";
import type { RunMark } from "./run_mark.ts";
import { monotonicMs } from "../../host/time/monotonic_ms.ts";

interface Holder {
  readonly pid: number;
  /** The actor that it was started for, when it has not changed its environment. */
  readonly actor: string | undefined;
  /** False of one that is becoming another program: it may be of the run. */
  readonly isOurs: boolean;
}

interface Found {
  /** Who of a run can write to what. */
  readonly holders: ReadonlyMap<string, readonly Holder[]>;
  /** All that was started for an actor. */
  readonly ofActors: ReadonlyMap<string, readonly number[]>;
}

export class LeftBehind {
  readonly #mark: RunMark;
  /** A look takes a while, so it is one for all who ask in the same turn. */
  #look: Promise<Found> | undefined;
  /** Those of which it was not known whether they are of the run, and since when. */
  #unclear: ReadonlyMap<number, number> = new Map();

  constructor(mark: RunMark) {
    this.#mark = mark;
  }

  /**
   * What is left of a process that has ended, and whether that is all there may be; nothing where the system does not
   * tell.
   */
  async find(
    { actor: { name }, open: { outputs } }: ProcessRun,
  ): Promise<Left> {
    // Standard output and error may be the same file, and each of another actor.
    const left = (await this.#holdersOf(outputs)).filter(({ actor = name }) => actor === name);
    const ours = left.filter(({ isOurs }) => isOurs);
    return { pids: [...new Set(ours.map(({ pid }) => pid))], mayBeMore: ours.length < left.length };
  }

  /**
   * All that was started for a process and that lives, also what has left its tree and its group: what can write to its
   * outputs, and of an actor that is one process whatever carries its name.
   */
  async findAll({ actor, open: { outputs } }: ProcessRun): Promise<readonly number[]> {
    if (!isLinux) return [];
    const { ofActors } = await this.#lookOnce();
    const mayBeMany = actor.workers !== undefined || isMessageActor(actor);
    const named = mayBeMany ? [] : ofActors.get(actor.name) ?? [];
    const holding = (await this.#holdersOf(outputs)).filter(({ actor: name, isOurs }) =>
      isOurs && (name ?? actor.name) === actor.name
    );
    return [...new Set([...named, ...holding.map(({ pid }) => pid)])];
  }

  /** True when somebody of the run can write to one of these. False where the system does not tell. */
  async holdsAny(outputs: ReadonlySet<string>): Promise<boolean> {
    return (await this.#holdersOf(outputs)).length > 0;
  }

  async #holdersOf(outputs: ReadonlySet<string>): Promise<readonly Holder[]> {
    if (!isLinux || outputs.size === 0) return [];
    const { holders } = await this.#lookOnce();
    return [...outputs].flatMap((output) => holders.get(output) ?? []);
  }

  #lookOnce(): Promise<Found> {
    return this.#look ??= this.#lookLater();
  }

  async #lookLater(): Promise<Found> {
    await nextTurn();
    this.#look = undefined;
    const holders = new Map<string, Holder[]>();
    const ofActors = new Map<string, number[]>();
    const { marked, unclear } = lookForMarked(this.#mark);
    const now = monotonicMs();
    this.#unclear = new Map(unclear.map((pid) => [pid, this.#unclear.get(pid) ?? now]));
    const young = unclear.filter((pid) => now - (this.#unclear.get(pid) ?? now) < UNCLEAR_MS);
    for (const pid of [...marked, ...young]) {
      const holder = { pid, actor: actorOf(pid), isOurs: !young.includes(pid) };
      for (const output of listWritten(pid)) holders.set(output, [...holders.get(output) ?? [], holder]);
      const { actor } = holder;
      if (actor !== undefined && holder.isOurs && isOfRun(pid, this.#mark.id)) {
        ofActors.set(actor, [...ofActors.get(actor) ?? [], pid]);
      }
    }
    return { holders, ofActors };
  }
}

/** True for a process that can still write to an output of one that has ended. */
export function isLeft(pid: number, { open: { outputs } }: ProcessRun): boolean {
  return listWritten(pid).some((output) => outputs.has(output));
}

/** False for one of a run that an actor of this run has started: the names of its actors are others. */
function isOfRun(pid: number, mark: string): boolean {
  const runs = /(?:^|\0)SLUICE_RUN=([^\0]*)/.exec(readQuietly(`/proc/${pid}/environ`) ?? "")?.[1];
  return runs?.endsWith(mark) === true;
}

function actorOf(pid: number): string | undefined {
  return /(?:^|\0)SLUICE_ACTOR=([^\0]*)/.exec(readQuietly(`/proc/${pid}/environ`) ?? "")?.[1];
}

/** What a process has open for writing. */
function listWritten(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) =>
      isWritable(`/proc/${pid}/fd/${fd}`) ? identifyOpen(pid, Number(fd)) ?? [] : []
    );
  } catch {
    return []; // It has ended, or is somebody else's.
  }
}

/** The mode of a link there tells how the descriptor was opened. */
function isWritable(link: string): boolean {
  try {
    return (lstatSync(link).mode & 0o200) !== 0;
  } catch {
    return false; // Closed meanwhile.
  }
}

const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;
/** What the holder of a lease is told by that somebody opens the file: nothing happens by this one, which means to end by default otherwise. */
const SIGURG = 23;

/**
 * Whether anybody has a file open for writing. The system gives a lease for reading only on a file that nobody has; to
 * look through the descriptors of all processes costs a thousand times as much. Undefined where nobody tells: another file
 * system, the file of somebody else, no C library. Throws the system's error.
 */
export function isOpenForWriting(path: string): boolean | undefined {
  const calls = libc();
  if (calls === undefined) return undefined;
  const fd = openFile(path, "read");
  try {
    if (calls.fcntl(fd, F_SETSIG, SIGURG) !== 0) return undefined;
    if (calls.fcntl(fd, F_SETLEASE, F_RDLCK) === 0) {
      calls.fcntl(fd, F_SETLEASE, F_UNLCK);
      return false;
    }
    return nameErrno(errno()) === "EAGAIN" ? true : undefined;
  } finally {
    closeFile(fd);
  }
}
