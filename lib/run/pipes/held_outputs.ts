/**
 * Outputs that are handed to processes: no pipe tells when the last of those that an actor has started has let go of
 * one, so it is looked for when everything else has ended.
 */
import { HELD_LOOK_FIRST_MS, SAMPLE_MS } from "../../core/limits/process.ts";
import type { LeftBehind } from "../../process/proc/left_behind.ts";
import { identifyOpen } from "../../process/proc/process_table.ts";

export class HeldOutputs {
  readonly #left: LeftBehind;
  readonly #onLook: () => void;
  /** Each by its name, and whether nobody reads it any more. */
  readonly #outputs = new Map<string, () => boolean>();
  #pauseMs = HELD_LOOK_FIRST_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor({ left, onLook }: {
    readonly left: LeftBehind;
    /** It is time to look again. */
    readonly onLook: () => void;
  }) {
    this.#left = left;
    this.#onLook = onLook;
  }

  /** A process is given an output of the flow, open as `fd`. */
  add(fd: number, hasLostReaders: () => boolean): void {
    const output = identifyOpen("self", fd);
    if (output !== undefined) this.#outputs.set(output, hasLostReaders);
  }

  /** True when no process of the run can write to them. Otherwise `onLook` tells when to ask again. */
  async areFree(): Promise<boolean> {
    const read = [...this.#outputs].filter(([, hasLostReaders]) => !hasLostReaders());
    const isFree = !await this.#left.holdsAny(new Set(read.map(([output]) => output)));
    if (!isFree) this.#lookLater();
    return isFree;
  }

  #lookLater(): void {
    this.close();
    this.#timer = setTimeout(this.#onLook, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, SAMPLE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
