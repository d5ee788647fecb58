/**
 * How long a handler may take for one message: from when its process is ready, or has answered the one before. One that takes longer is answered for, and its process is ended, as
 * nobody knows what it would still do; what it had not begun goes to the next process.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { HANDLER_START_MS } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { HandlerResults } from "./handler_results.ts";

export interface DeadlineContext extends Pick<EngineBase, "heap" | "now" | "tell"> {
  readonly delivery: Delivery;
  readonly results: HandlerResults;
}

export class HandlerDeadlines {
  readonly #context: DeadlineContext;

  constructor(context: DeadlineContext) {
    this.#context = context;
  }

  /** A process was given a message: if it had none, its time begins. One that is not ready has some more to start. */
  watch(process: ActorProcess): void {
    const timeoutMs = process.cell.actor.messaging.handler?.timeoutMs;
    if (timeoutMs === undefined || process.deadline !== undefined) return;
    const { heap, now } = this.#context;
    const ms = process.phase === "ready" ? timeoutMs : timeoutMs + HANDLER_START_MS;
    const timer = { at: now() + ms, fire: () => this.#expire(process, ms) };
    process.deadline = timer;
    heap.add(timer);
  }

  /** It has answered, or is ready: the time of its next message begins. */
  again(process: ActorProcess): void {
    if (process.deadline === undefined) return;
    this.#context.heap.cancel(process.deadline);
    process.deadline = undefined;
    if (process.inFlight.hasOwed) this.watch(process);
  }

  /** A process is there no more. */
  stop(process: ActorProcess): void {
    if (process.deadline !== undefined) this.#context.heap.cancel(process.deadline);
    process.deadline = undefined;
  }

  #expire(process: ActorProcess, ms: number): void {
    const { tell, results } = this.#context;
    process.deadline = undefined;
    const mail = process.inFlight.takeFirst();
    if (mail === undefined || process.stdin.isClosed) return;
    const what = process.phase === "ready" ? "ended" : "started";
    process.phase = "given-up";
    process.stdin.end();
    tell({ type: "kill", process: process.id });
    const message = `Handler has not ${what} within ${ms / 1000}s`;
    results.lose(process, mail, { code: "timeout_error", message });
  }
}
