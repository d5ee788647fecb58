/**
 * What processes have left behind when they have ended: others that they have started, and that can still write to
 * their outputs. Found by what is open, whatever has become of groups and parents, and nobody else is taken for one.
 */
import { lstatSync, readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isLinux } from "../host/runtime.ts";
import type { ProcessRun } from "./process_run.ts";
import { findMarked, identifyOpen, readQuietly } from "./process_table.ts";

interface Holder {
  readonly pid: number;
  /** The actor that it was started for, when it has not changed its environment. */
  readonly actor: string | undefined;
}

/** Who of a run can write to what. */
type Holders = ReadonlyMap<string, readonly Holder[]>;

export class LeftBehind {
  readonly #mark: string;
  /** A look takes a while, so it is one for all who ask in the same turn. */
  #look: Promise<Holders> | undefined;

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** What is left of a process that has ended; nothing where the system does not tell. */
  async find({ actor: { name }, outputs }: ProcessRun): Promise<readonly number[]> {
    // Standard output and error may be the same file, and each of another actor.
    const left = (await this.#holdersOf(outputs)).filter(({ actor = name }) => actor === name);
    return [...new Set(left.map(({ pid }) => pid))];
  }

  /** True when somebody of the run can write to one of these. False where the system does not tell. */
  async holdsAny(outputs: ReadonlySet<string>): Promise<boolean> {
    return (await this.#holdersOf(outputs)).length > 0;
  }

  async #holdersOf(outputs: ReadonlySet<string>): Promise<readonly Holder[]> {
    if (!isLinux || outputs.size === 0) return [];
    this.#look ??= this.#lookLater();
    const holders = await this.#look;
    return [...outputs].flatMap((output) => holders.get(output) ?? []);
  }

  async #lookLater(): Promise<Holders> {
    await nextTurn();
    this.#look = undefined;
    const holders = new Map<string, Holder[]>();
    for (const pid of findMarked(this.#mark)) {
      const holder = { pid, actor: actorOf(pid) };
      for (const output of listWritten(pid)) holders.set(output, [...holders.get(output) ?? [], holder]);
    }
    return holders;
  }
}

/** True for a process that can still write to an output of one that has ended. */
export function isLeft(pid: number, { outputs }: ProcessRun): boolean {
  return listWritten(pid).some((output) => outputs.has(output));
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
