/**
 * Actors that take several messages before they acknowledge one, or acknowledge no more: they have read all that they
 * may have, and wait for more, while more wait for them. What may be on their way grows; where it may not, because
 * the flow says so or because every message has to be handled, neither side can go on, and that is told.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import {
  STARVED_FATAL_MS,
  STARVED_LOOK_MAX_MS,
  STARVED_LOOK_MS,
  STARVED_SILENT_MS,
} from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Doing } from "../actors/doing.ts";
import type { NextLook } from "./next_look.ts";

export interface StarvedOptions extends Pick<EngineBase, "asks" | "now" | "tell"> {
  readonly doingOf: (process: ActorProcess) => Doing;
  /** Called for a process that cannot go on. */
  readonly onFatal: (process: ActorProcess) => void;
  /** Called for one that reads on though it can acknowledge nothing more. */
  readonly onMute: (process: ActorProcess) => void;
  readonly nextLook: NextLook;
}

export class StarvedWatch {
  readonly #options: StarvedOptions;
  /** Since when those wait that cannot be helped, and what they had moved then. */
  readonly #since = new Map<ActorProcess, { readonly at: number; readonly moved: number }>();

  constructor(options: StarvedOptions) {
    this.#options = options;
  }

  /** Looks at a process that has no room for what waits for it. True when it has now. */
  look(process: ActorProcess): boolean {
    const { now, nextLook } = this.#options;
    const { looks, inFlight } = process;
    if (now() < looks.starvedAt) {
      nextLook.by(looks.starvedAt);
      return false;
    }
    // The first time it is only noted when to look: most are only slower than their senders.
    if (looks.starvedMs > 0 && !process.isMute && this.#hasTaken(process)) return true;
    const isStarved = looks.starvedMs > 0 && this.#isStarved(process);
    if (process.isMute) {
      // It may only have been about to end.
      if (isStarved) return this.#endMute(process);
    } else {
      if (isStarved && inFlight.grow()) return true;
      this.#tellFatal(process, isStarved);
    }
    looks.starvedMs = Math.min(STARVED_LOOK_MAX_MS, Math.max(STARVED_LOOK_MS, looks.starvedMs * 2));
    looks.starvedAt = now() + looks.starvedMs;
    nextLook.by(looks.starvedAt);
    return false;
  }

  #endMute(process: ActorProcess): false {
    this.#options.onMute(process);
    return false;
  }

  /** True when it has read what it was given, which it never acknowledges. */
  #hasTaken(process: ActorProcess): boolean {
    if (!process.stdin.isEmpty || process.isPaused || process.stdin.link.held > 0) return false;
    if (!process.inFlight.takeUnawaited(this.#options.now())) return false;
    process.looks.starvedMs = process.looks.starvedAt = 0;
    return true;
  }

  #isStarved(process: ActorProcess): boolean {
    const { doingOf, asks, now } = this.#options;
    if (!process.stdin.isEmpty || process.isPaused || asks.isAsking(process)) return false;
    if (process.stdin.link.held > 0) return false;
    const doing = doingOf(process);
    if (doing === "busy" || process.inFlight.most !== undefined && doing !== "reading") return false;
    if (doing === "unknown" && now() - process.lastAt < STARVED_SILENT_MS) return false;
    // Asked last: what it wrote before it began to wait lies there.
    return process.link.held === 0;
  }

  #tellFatal(process: ActorProcess, isStarved: boolean): void {
    const { now, tell, onFatal } = this.#options;
    const since = this.#since.get(process);
    if (!isStarved) {
      this.#since.delete(process);
      return;
    }
    if (since?.moved !== process.moved) {
      this.#since.set(process, { at: now(), moved: process.moved });
      return;
    }
    const { most = 0 } = process.inFlight;
    if (now() - since.at < STARVED_FATAL_MS) return;
    this.#since.set(process, { at: Infinity, moved: process.moved }); // Told once.
    tell({ type: "starved", actor: process.cell.actor.name, most });
    onFatal(process);
  }

  /** A process is there no more. */
  forget(process: ActorProcess): void {
    this.#since.delete(process);
  }
}
