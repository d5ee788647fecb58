/**
 * Gives messages to processes: behind the activation of the instance that they are for, and noted where they may have
 * to be given again.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Mail } from "../mail/mail.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { Outbox } from "./outbox.ts";
import type { Passivation } from "./passivation.ts";

export interface GiverContext extends Pick<EngineBase, "asks" | "now" | "tell" | "stateOf"> {
  /** A handler was given something to do. */
  readonly onWork: (process: ActorProcess) => void;
}

export class Giver {
  readonly #context: GiverContext;
  readonly #outbox: Outbox;
  readonly #passivation: Passivation;
  /** Somebody gets dead letters: what a process has is remembered until it has acknowledged it. */
  keepsCopies = false;

  constructor(
    context: GiverContext,
    { outbox, passivation }: { readonly outbox: Outbox; readonly passivation: Passivation },
  ) {
    this.#context = context;
    this.#outbox = outbox;
    this.#passivation = passivation;
  }

  /** Puts a message on its way to a process. False when it waits until its instance is passivated. */
  give(process: ActorProcess, mail: Mail): boolean {
    if (!this.#wake(process, mail)) return false;
    const { cell } = process;
    const { handler, delivery } = cell.actor.messaging;
    const isKept = mail.from !== undefined || mail.row !== undefined;
    const isOwed = (delivery === "at-least-once" || handler !== undefined) && isKept;
    mail.deliveries += 1;
    mail.onGiven?.();
    const ask = mail.isAsk === true ? this.#context.asks.get(mail.id ?? "") : undefined;
    if (ask !== undefined) ask.givenTo = process;
    cell.taken += 1;
    this.#outbox.write(process, mail, {
      number: mail.number,
      type: mail.type,
      from: mail.from,
      id: mail.id,
      mail: isOwed || this.keepsCopies ? mail : undefined,
      isOwed,
      isAsk: mail.isAsk,
      isAnswer: mail.isAnswer,
    });
    if (isOwed && handler !== undefined) this.#context.onWork(process);
    return true;
  }

  /** The instance that a message is for is active, or becomes so. False while it is being passivated. */
  #wake(process: ActorProcess, mail: Mail): boolean {
    const { instances } = process.cell;
    const { key, number } = mail;
    if (key === undefined || instances === undefined) return true;
    const instance = instances.get(key);
    if (instance?.state === "leaving") {
      instance.kept.push(mail);
      return false;
    }
    if (instance?.state === "active") {
      instance.lastAt = this.#context.now();
      instance.lastNumber = number;
      instance.isUsed = true;
    } else if (instance === undefined) this.#activate(process, { key, number });
    return true;
  }

  #activate(process: ActorProcess, { key, number }: { readonly key: string; readonly number: number }): void {
    const { now, tell, stateOf } = this.#context;
    const { actor, instances } = process.cell;
    instances?.activate(key, { now: now(), number });
    const json = stateOf(`${actor.name}/${key}`);
    const state = json === undefined ? null : readExactly(json);
    this.#outbox.tellProcess(process, "Activate", { key, state });
    tell({ type: "actor-state", actor: actor.name, key, state: "active", pid: process.pid });
    this.#passivation.bound(process);
  }
}
