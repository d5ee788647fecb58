/**
 * Which steps of messages are told: none, all, or, for whoever only looks, as many as anybody can read. While none is
 * told, messages go the short way.
 */
import { TRACED_EACH_MS, TRACED_MAX } from "../../core/limits/message.ts";
import type { Tracing } from "../../core/messaging.ts";

export class TraceGate {
  /** Steps are told now. */
  isOpen: boolean;
  /** With the whole message. */
  readonly isWhole: boolean;
  readonly #isLimited: boolean;
  #left = TRACED_MAX;
  #since = 0;

  constructor(tracing: Tracing) {
    this.isOpen = tracing !== "off";
    this.isWhole = tracing === "whole";
    this.#isLimited = tracing === "some";
  }

  /** Some time has passed. */
  turn(now: number): void {
    if (!this.#isLimited || now - this.#since < TRACED_EACH_MS) return;
    this.#since = now;
    this.#left = TRACED_MAX;
    this.isOpen = true;
  }

  /** A step was told. */
  spend(): void {
    if (!this.#isLimited) return;
    this.#left -= 1;
    this.isOpen = this.#left > 0;
  }
}
