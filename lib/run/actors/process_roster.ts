/**
 * Everything of a run that may be a process now: actors, the workers of actors, and those that talk in messages. Each
 * kind is added by a list that is asked anew every time.
 */
import type { ProcessRun } from "../../process/state/process_run.ts";

export class ProcessRoster {
  readonly #lists: (() => readonly ProcessRun[])[] = [];

  add(list: () => readonly ProcessRun[]): void {
    this.#lists.push(list);
  }

  /** All of them, in the order in which their kinds were added. */
  list(): readonly ProcessRun[] {
    return this.#lists.flatMap((list) => list());
  }
}
