/**
 * Events as NDJSON for somebody who may come late, read slowly, or be a part of the flow: they wait in memory, so that
 * the run does not wait for its own reader.
 */
import type { RunEvent } from "../../core/event.ts";
import { EVENTS_WAITING_BYTES_MAX } from "../../core/limits/streams.ts";
import type { EventLog } from "./event_log.ts";

export interface EventTarget {
  /** False when nobody reads it any more. */
  write(bytes: Uint8Array): Promise<boolean>;
  close(): void;
}

export class EventQueue implements EventLog {
  /** `ENOBUFS`: too many of them waited. */
  problem: string | undefined;
  readonly #drained: Promise<void>;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** Rejected with the system's error, the target cannot be opened. */
  constructor(target: Promise<EventTarget>) {
    this.#drained = this.#pour(target).catch((error: unknown) => {
      this.problem ??= codeOf(error);
      this.#isEnded = true;
    });
  }

  write(event: RunEvent): void {
    if (this.#isEnded || this.problem !== undefined) return;
    const line = new TextEncoder().encode(`${JSON.stringify(event)}\n`);
    if (this.#waitingBytes + line.length > EVENTS_WAITING_BYTES_MAX) this.problem = "ENOBUFS";
    else {
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
      this.#wake();
    }
  }

  async #pour(target: Promise<EventTarget>): Promise<void> {
    const { write, close } = await target;
    try {
      while (!this.#isEnded || this.#waiting.length > 0) {
        const lines = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        for (const line of lines) {
          // Who left does not miss the rest.
          if (!await write(line)) return void (this.#isEnded = true);
        }
        if (!this.#isEnded && this.#waiting.length === 0) {
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
      }
    } finally {
      close();
    }
  }

  async close({ isHurried }: { readonly isHurried: boolean }): Promise<void> {
    this.#isEnded = true;
    this.#wake();
    if (!isHurried) return await this.#drained;
    this.problem ??= await Promise.race([this.#drained, Promise.resolve("nobody has read it")]) ?? undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : String(error);
}
