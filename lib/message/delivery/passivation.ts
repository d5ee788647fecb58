/**
 * Passivates instances of keyed actors: those that their actor lets go when they are idle, and, where there are too
 * many, those that were used least of late. An instance is told, saves its state, and is forgotten.
 *
 *   Deactivate ──▶ process ──its state──▶ $state
 *                     └──acknowledgement──▶ gone: what came for it meanwhile makes it anew
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { INSTANCES_LOOK_MAX, KEYED_INSTANCES_MAX } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Cell } from "../actors/cell.ts";
import type { Outbox } from "./outbox.ts";

export type PassivationContext = Pick<EngineBase, "asks" | "tell">;

export interface PassivationWays {
  readonly outbox: Outbox;
  /** Something may move in a cell. */
  readonly stir: (cell: Cell) => void;
}

/** An instance, and the newest message that it was given. */
interface Idle {
  readonly key: string;
  readonly lastNumber: number;
}

export class Passivation {
  readonly #context: PassivationContext;
  readonly #ways: PassivationWays;

  constructor(context: PassivationContext, ways: PassivationWays) {
    this.#context = context;
    this.#ways = ways;
  }

  /** Begins to passivate an instance, unless it is at work. */
  begin(process: ActorProcess, { key, lastNumber }: Idle): void {
    const { cell, inFlight } = process;
    if (cell.instances === undefined || inFlight.isAwaited(lastNumber)) return;
    if (this.#context.asks.isAsking(process)) return;
    const end = (): void => this.end(cell, key);
    const isTold = process.hearsWords;
    cell.instances.leave(key);
    this.#ways.outbox.tellProcess(process, "Deactivate", { key }, isTold ? end : undefined);
    if (!isTold) end();
  }

  /** It is gone, or nobody waits for its word any more. */
  end(cell: Cell, key: string): void {
    const kept = cell.instances?.remove(key) ?? [];
    for (const mail of kept.toReversed()) cell.mailbox.putBack(mail);
    if (cell.mailbox.length === 0) cell.actor.forget(key);
    else this.#ways.stir(cell);
    this.#context.tell({ type: "actor-state", actor: cell.actor.name, key, state: "inactive" });
  }

  /** There is one more in a process: when there are too many, it is looked for one that can go. */
  bound(process: ActorProcess): void {
    const { instances, actor } = process.cell;
    const most = Math.max(1, KEYED_INSTANCES_MAX / actor.cells.length);
    if (instances === undefined || instances.known - instances.leavingCount <= most) return;
    const { supervisor } = actor.messaging;
    const hasIdle = supervisor.type === "keyed" && supervisor.idleMs !== undefined;
    for (const idle of instances.unused(INSTANCES_LOOK_MAX)) {
      if (process.hearsWords) this.begin(process, idle);
      else if (!hasIdle) instances.settle(idle.key);
    }
  }
}
