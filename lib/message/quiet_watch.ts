/**
 * When a flow of messages is at its end: nothing comes from outside, nothing waits, nobody works, no request and no
 * timer is pending. Then everybody may be told to end.
 *
 * A stream that comes from a message actor ends only when the engine ends it. So with those, the streams of the actors
 * that get none are ended first, and what that brings is handled before the next.
 */
import { QUIET_LOOK_MAX_MS, QUIET_LOOK_MIN_MS, SILENT_AT_WORK_MS } from "../core/limits/message.ts";
import { REMOTE_SILENT_MS } from "../core/limits/remote.ts";
import type { ActorProcess } from "./actors/actor_process.ts";
import type { Cell } from "./actors/cell.ts";
import { STRANGERS } from "./actors/remote_address.ts";
import type { Doing } from "./actors/doing.ts";
import type { EngineParts } from "./engine_parts.ts";

export interface QuietWatchOptions {
  readonly doingOf: (process: ActorProcess) => Doing;
  /** True when it has ended, which is still to be told: it may have to be started again. */
  readonly isGone: (process: ActorProcess) => boolean;
  /** How long one that nobody can look at has to be silent before it is taken to have finished. */
  readonly silentMs: number;
  /** Message actors whose streams come to an actor, through whatever else. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
}

/** Looks take at most this part of the time. */
const LOOK_SHARE = 0.02;

export class QuietWatch {
  readonly #parts: EngineParts;
  readonly #options: QuietWatchOptions;
  #delayMs = QUIET_LOOK_MIN_MS;
  #at = 0;

  constructor(parts: EngineParts, options: QuietWatchOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** When it is to be looked next, as a time to wait in milliseconds. */
  get timeout(): number {
    return Math.max(0, Math.ceil(this.#at - performance.now()));
  }

  /** Something has happened: it is looked soon again. */
  stir(now: number): void {
    this.#delayMs = QUIET_LOOK_MIN_MS;
    this.#at = Math.max(this.#at, now + this.#delayMs);
  }

  /** True when the flow is at its end. To be asked when nothing can be moved. */
  look(): boolean {
    const from = performance.now();
    if (from < this.#at) return false;
    const isQuiet = this.#isQuiet();
    const isEnd = isQuiet && !this.#endStreams();
    const now = performance.now();
    this.#delayMs = Math.min(QUIET_LOOK_MAX_MS, Math.max(this.#delayMs * 2, (now - from) / LOOK_SHARE));
    this.#at = now + this.#delayMs;
    return isEnd;
  }

  #isQuiet(): boolean {
    const { asks, system, spawn, places, links: { feeds, processes }, base: { directory } } = this.#parts;
    if (asks.size > 0 || system.timers.size > 0 || spawn.isBusy) return false;
    for (const feed of feeds) {
      if (feed.input.length > 0 && feed.isPaused || feed.parked.length > 0) return false;
      if (!this.#isDependent(feed.actor.name)) return false;
    }
    if (!directory.cells.every(isEmpty)) return false;
    for (const process of processes.values()) {
      if (!hasNothing(process) || asks.isAsking(process)) return false;
    }
    for (const process of processes.values()) if (!this.#isFree(process)) return false;
    // What they have and can acknowledge no more is for their next processes.
    const mute = [...processes.values()].filter(({ isMute, inFlight }) => isMute && inFlight.hasOwed);
    for (const process of mute) places.drainProcess(process);
    return mute.length === 0;
  }

  /** True when what comes to the actor waits for the stream of a message actor. */
  #isDependent(actor: string): boolean {
    const upstream = this.#options.upstream.get(actor) ?? [];
    return upstream.some((name) => this.#parts.base.streams.byActor.get(name)?.isEnded === false);
  }

  #isFree(process: ActorProcess): boolean {
    const { doingOf, isGone } = this.#options;
    if (isGone(process)) return false;
    const isAnswered = process.inFlight.acknowledges && process.inFlight.isEmpty;
    if (!isAnswered) {
      const doing = doingOf(process);
      if (doing === "busy") return false;
      if (doing === "unknown" && this.#mayWork(process)) return false;
      if (!process.stdin.isClosed && process.stdin.link.held > 0) return false;
    }
    // Asked last: what it wrote before it began to wait lies there.
    if (process.link.held > 0) return false;
    if (!process.inFlight.awaits) process.inFlight.idleAt = process.inFlight.given;
    return true;
  }

  /**
   * One that acknowledges is at work until it has. Only of one that does not acknowledge everything it may be that it
   * has given that up, when it is silent for long.
   */
  #mayWork(process: ActorProcess): boolean {
    const { awaits } = process.inFlight;
    if (awaits && process.hearsWords) return true;
    const mayAnswer = process.mayAnswer && this.#parts.base.directory.actors.has(STRANGERS);
    const silentMs = awaits ? SILENT_AT_WORK_MS : mayAnswer ? REMOTE_SILENT_MS : this.#options.silentMs;
    return performance.now() - process.lastAt < silentMs;
  }

  /** Ends the streams that nothing more comes to; false when none is left that somebody waits for. */
  #endStreams(): boolean {
    const { base: { streams }, links } = this.#parts;
    const { feeds } = links;
    if (feeds.size === 0) return false;
    const fed = new Set([...feeds].map((feed) => feed.actor.name));
    const open = [...streams.byActor].filter(([, { isEnded }]) => !isEnded).map(([name]) => name);
    const first = open.filter((name) => !fed.has(name));
    for (const name of first.length > 0 ? first : open) links.endStream(name);
    return open.length > 0 || feeds.size > 0;
  }
}

function isEmpty({ mailbox, waiting, places, instances }: Cell): boolean {
  return mailbox.length === 0 && waiting.size === 0 && instances?.isLeaving !== true &&
    places.every(({ life }) => life.state !== "starting" && life.state !== "draining");
}

function hasNothing(process: ActorProcess): boolean {
  return !process.isPaused && process.stdin.isEmpty;
}
