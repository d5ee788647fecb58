/**
 * Where a message lands: the one place that knows how a receiver, and what the message holds, lead to a cell.
 *
 *   receiver ──Directory.find──▶ MailTarget ──with the payload──▶ Landing: a cell, and for which of its instances
 */
import { textOf } from "../mail/origins.ts";
import { readExactly } from "../wire/exact_json.ts";
import { pointTo } from "../wire/point_to.ts";
import type { Cell, CellActor } from "./cell.ts";
import type { MailTarget } from "./message_actor.ts";

export type Landing =
  | {
    readonly kind: "cell";
    readonly cell: Cell;
    /** Who is meant, by the whole name: `actor`, `actor/key`. */
    readonly address: string;
    /** Which instance, where several live in a process. */
    readonly instance: string | undefined;
  }
  /** A keyed actor: no key is named, and none is in the message. */
  | { readonly kind: "no-key"; readonly name: string };

/** Who takes messages; `system` and `nobody` do not. */
export type Taker = Extract<MailTarget, { readonly kind: "cell" | "keyed" }>;

/** Where a message to a cell or to a keyed actor lands; `read` gives the message, if that has to be known. */
export function land(target: Taker, read: () => unknown): Landing {
  if (target.kind === "cell") {
    const { cell } = target;
    return { kind: "cell", cell, address: cell.address, instance: undefined };
  }
  const { actor } = target;
  const { supervisor } = actor.messaging;
  const pointer = supervisor.type === "keyed" ? supervisor.key : undefined;
  const key = target.key ?? (pointer === undefined ? undefined : pointTo(read(), pointer));
  if (key === undefined) return { kind: "no-key", name: actor.name };
  const cell = actor.cellOf(key);
  const instance = cell.instances === undefined ? undefined : key;
  return { kind: "cell", cell, address: `${actor.name}/${key}`, instance };
}

/** What `land` reads: a message as it came, in JSON. */
export function readPayload(payload: Uint8Array): unknown {
  return readExactly(textOf(payload, 0, payload.length));
}

/** Those who take a message to a target: all behind an alias. */
export function takersOf(target: MailTarget): readonly Taker[] {
  switch (target.kind) {
    case "cell":
    case "keyed":
      return [target];
    case "several":
      return target.actors.map((actor) => actor.target);
    case "system":
    case "nobody":
      return [];
  }
}

/** True when an actor is meant. */
export function isMeant(actor: CellActor, target: MailTarget): boolean {
  return takersOf(target).some((taker) => actor === (taker.kind === "cell" ? taker.cell.actor : taker.actor));
}
