/**
 * What a process has left behind when it has ended: processes that it has started, and that can still write to its
 * pipes. Found by the pipes, so whatever has become of their groups and parents, and nobody else is taken for one.
 */
import { lstatSync, readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isLinux } from "../host/runtime.ts";
import type { ProcessRun } from "./process_run.ts";
import { findMarked, readDescriptor } from "./process_table.ts";

/** Who of a run can write to which pipe, by the name that the pipe has in `/proc`. */
type Writers = ReadonlyMap<string, readonly number[]>;

export class LeftBehind {
  readonly #mark: string;
  /** A look takes a while, so it is one for all who ask in the same turn. */
  #look: Promise<Writers> | undefined;

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** What is left of a process that has ended; nothing where the system does not tell. */
  async find({ outPipes }: ProcessRun): Promise<readonly number[]> {
    if (!isLinux || outPipes.size === 0) return [];
    this.#look ??= this.#lookLater();
    const writers = await this.#look;
    return [...new Set([...outPipes].flatMap((pipe) => writers.get(pipe) ?? []))];
  }

  async #lookLater(): Promise<Writers> {
    await nextTurn();
    this.#look = undefined;
    const writers = new Map<string, number[]>();
    for (const pid of findMarked(this.#mark)) {
      for (const pipe of listWritten(pid)) writers.set(pipe, [...writers.get(pipe) ?? [], pid]);
    }
    return writers;
  }
}

/** True for a process that can still write to a pipe of one that has ended. */
export function isLeft(pid: number, { outPipes }: ProcessRun): boolean {
  return listWritten(pid).some((pipe) => outPipes.has(pipe));
}

/** What a process has open for writing. */
function listWritten(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = readDescriptor(pid, Number(fd));
      return target !== undefined && isWritable(`/proc/${pid}/fd/${fd}`) ? target : [];
    });
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
