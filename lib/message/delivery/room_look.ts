/**
 * Which process of a cell has room after all, although none seems to: the system is asked what they have read.
 */
import { HELD_LOOK_MS } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Cell } from "../actors/cell.ts";
import { activeOf, processOf } from "../actors/process_of.ts";

export interface RoomLookContext {
  readonly now: () => number;
  /** Bytes of a process's pipe that it has not read. */
  readonly held: (process: ActorProcess) => number;
  /** Looks whether a process without room waits for more before it acknowledges. True when it has room now. */
  readonly feedStarved: (process: ActorProcess) => boolean;
  /** Looks at the time `at` again whether there is room. */
  readonly lookAt: (at: number) => void;
}

export class RoomLook {
  readonly #context: RoomLookContext;

  constructor(context: RoomLookContext) {
    this.#context = context;
  }

  /** Asks the system whether a process has read what it was given, and waits for more. */
  find(cell: Cell): ActorProcess | undefined {
    const now = this.#context.now();
    let isSilent = false;
    for (const process of activeOf(cell)) {
      if (process.isOutFull || process.isClosing) continue;
      if (process.inFlight.acknowledges || process.inFlight.most !== undefined) {
        if (!process.hasRoom && this.#context.feedStarved(process)) return process;
        continue;
      }
      isSilent = true;
      if (process.lookedAt === now) continue;
      process.lookedAt = now;
      process.inFlight.noteUnread(process.unreadOf(this.#context.held(process)), now);
    }
    const process = isSilent ? processOf(cell.pick()) : undefined;
    if (process === undefined && isSilent) this.#context.lookAt(now + HELD_LOOK_MS);
    return process;
  }
}
