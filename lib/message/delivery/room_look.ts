/**
 * Which process of a cell has room after all, although none seems to: the system is asked what they have read.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { HELD_LOOK_MS } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Cell } from "../actors/cell.ts";
import { activeOf, processOf } from "../actors/process_of.ts";
import type { NextLook } from "./next_look.ts";
import type { StarvedWatch } from "./starved_watch.ts";

export interface RoomLookContext extends Pick<EngineBase, "now"> {
  /** Looks whether a process without room waits for more before it acknowledges. */
  readonly starved: StarvedWatch;
  readonly nextLook: NextLook;
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
      const { stdin, inFlight, looks } = process;
      if (stdin.isFull || !stdin.isOpen) continue;
      if (inFlight.acknowledges || inFlight.most !== undefined) {
        if (!process.hasRoom && this.#context.starved.look(process)) return process;
        continue;
      }
      isSilent = true;
      if (looks.heldAt === now) continue;
      looks.heldAt = now;
      inFlight.noteUnread(stdin.unread, now);
    }
    const process = isSilent ? processOf(cell.pick()) : undefined;
    if (process === undefined && isSilent) this.#context.nextLook.by(now + HELD_LOOK_MS);
    return process;
  }
}
