/**
 * The engine's own actors: `$timer`, `$state`, `$registry`, `$log`, `$flow`, and `$spawn` (`spawn_actor.ts`). They answer at once, so they have no mailbox.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { asObject } from "../wire/as_object.ts";
import { TICK_MIN_MS, TIMER_MS_MAX, TIMERS_MAX } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { SpawnActor } from "./spawn_actor.ts";
import type { Mail } from "../mail/mail.ts";
import { processOf } from "../actors/process_of.ts";
import type { Reply } from "../mail/reply.ts";
import { listActors } from "./list_actors.ts";
import { type Refusal, refuse } from "./refuse.ts";
import { Timers } from "./timers.ts";

export interface SystemContext extends Pick<EngineBase, "directory" | "heap" | "now" | "tell" | "stateOf"> {
  readonly delivery: Delivery;
  /** Keeps the state of an instance. */
  readonly save: (address: string, json: string) => void;
  readonly spawn: SpawnActor;
}

export class SystemActors {
  readonly #context: SystemContext;
  readonly timers: Timers;

  constructor(context: SystemContext) {
    this.#context = context;
    this.timers = new Timers(context);
  }

  /** `payload` is the message as JSON. */
  handle(mail: Mail, { name, payload }: { readonly name: string; readonly payload: Uint8Array }): void {
    const from = processOf(mail.from);
    if (from === undefined) return;
    this.#context.delivery.trace("sent", mail, name);
    const json = new TextDecoder().decode(payload);
    switch (name) {
      case "$timer":
        return this.#handleTimer(mail, { from, message: JSON.parse(json) });
      case "$state":
        return this.#handleState(mail, json);
      case "$registry":
        return this.#handleRegistry(mail);
      case "$log":
        return this.#handleLog(mail, JSON.parse(json));
      case "$flow":
        return this.#handleFlow(mail, { from, message: JSON.parse(json) });
      default:
        if (!this.#context.spawn.handle(mail, json)) this.#refuseType(mail, name);
    }
  }

  #handleTimer(
    mail: Mail,
    { from, message }: { readonly from: ActorProcess; readonly message: unknown },
  ): void {
    const wanted = asObject(message);
    const id = wanted["id"] ?? null;
    const owner = { process: from, address: mail.sender };
    const name = "$timer";
    if (mail.type === "Cancel") {
      const wasThere = this.timers.cancel(owner, id);
      return this.#reply(mail, { from: name, type: "Ok", message: { ok: wasThere } });
    }
    if (mail.type !== "Once" && mail.type !== "Every") return this.#refuseType(mail, name);
    const isOnce = mail.type === "Once";
    const ms = readMilliseconds(wanted[isOnce ? "after" : "every"]);
    if (ms === undefined || ms > TIMER_MS_MAX || !isOnce && ms < TICK_MIN_MS) {
      const message = `Cannot set timer ${JSON.stringify(id)}: "${isOnce ? "after" : "every"}" is ${
        JSON.stringify(wanted[isOnce ? "after" : "every"])
      } (expected milliseconds, or a text such as "5s"${isOnce ? "" : `, ${TICK_MIN_MS} ms at least`})`;
      return this.#refuse(mail, { from: name, code: "BAD_TIMER", message });
    }
    if (this.timers.size >= TIMERS_MAX) {
      return this.#refuse(mail, {
        from: name,
        code: "TOO_MANY",
        message: `There are ${TIMERS_MAX} timers already`,
      });
    }
    this.timers.set(owner, { id, ms, isOnce });
    this.#reply(mail, { from: name, type: "Ok", message: { ok: true } });
  }

  #handleState(mail: Mail, json: string): void {
    const { save, stateOf } = this.#context;
    if (mail.type === "Save") {
      save(mail.sender, json);
      return this.#reply(mail, { from: "$state", type: "Ok", message: { ok: true } });
    }
    if (mail.type !== "Load") return this.#refuseType(mail, "$state");
    const state = stateOf(mail.sender);
    this.#reply(mail, {
      from: "$state",
      type: "State",
      message: { state: state === undefined ? null : readExactly(state) },
    });
  }

  #handleRegistry(mail: Mail): void {
    if (mail.type !== "List") return this.#refuseType(mail, "$registry");
    const actors = listActors(this.#context.directory);
    this.#reply(mail, { from: "$registry", type: "Actors", message: { actors } });
  }

  #handleLog(mail: Mail, message: unknown): void {
    if (mail.type !== "Log") return this.#refuseType(mail, "$log");
    const { level, text, ...more } = asObject(message);
    this.#context.tell({
      type: "actor-log",
      actor: mail.sender,
      level: typeof level === "string" ? level : "info",
      text: typeof text === "string" ? text : JSON.stringify(text ?? message),
      more: Object.keys(more).length === 0 || text === undefined ? null : more,
    });
    // Who only writes a line into the log is not disturbed.
    if (mail.id !== undefined) this.#reply(mail, { from: "$log", type: "Ok", message: { ok: true } });
  }

  /** The run is over; with a code other than 0 it has failed. Or a process of an actor says that it leaves. */
  #handleFlow(
    mail: Mail,
    { from, message }: { readonly from: ActorProcess; readonly message: unknown },
  ): void {
    if (mail.type === "Leave") {
      from.phase = "left";
      return this.#reply(mail, { from: "$flow", type: "Ok", message: { ok: true } });
    }
    if (mail.type !== "Finish") return this.#refuseType(mail, "$flow");
    const { code = 0, reason = "" } = asObject(message);
    const isSense = message === null || asObject(message) === message;
    if (!isSense || !Number.isInteger(code) || typeof code !== "number" || typeof reason !== "string") {
      const wanted = "expected {code?: a whole number, reason?: a text}";
      const text = `Cannot finish: the message is ${JSON.stringify(message)} (${wanted})`;
      return this.#refuse(mail, { from: "$flow", code: "BAD_FINISH", message: text });
    }
    this.#context.tell({ type: "finish", actor: mail.sender, code, reason });
    this.#reply(mail, { from: "$flow", type: "Ok", message: { ok: true } });
  }

  #refuseType(mail: Mail, name: string): void {
    const [code, reason] = ["NOT_UNDERSTOOD", `Unknown message type: ${mail.type}`] as const;
    if (mail.isAsk !== true) return this.#context.delivery.reject(mail, { code, reason, receiver: name });
    this.#refuse(mail, { from: name, code, message: reason });
  }

  #refuse(mail: Mail, refusal: Refusal): void {
    refuse(this.#context.delivery, mail, refusal);
  }

  #reply(mail: Mail, reply: Reply): void {
    this.#context.delivery.outbox.reply(mail, reply);
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds as a number, or a text such as "500ms", "5s", "2m", "1h". */
export function readMilliseconds(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 1);
}
