/**
 * A message actor in one run: its cells, and which of them a message is for.
 */
import { KEYS_PLACED_MAX } from "../../core/limits/message.ts";
import type { Messaging } from "../../core/messaging.ts";
import { hashKey } from "../../data/key_set.ts";
import { Cell, type CellActor, Place } from "./cell.ts";
import { Instances } from "./instances.ts";
import type { KeyExpression } from "../../core/key_expression.ts";
import type { MailRoom } from "../mail/mail_room.ts";
import { Mailbox } from "../mail/mailbox.ts";

/** Who is meant by a receiver. */
export type MailTarget =
  | { readonly kind: "cell"; readonly cell: Cell }
  /** A keyed actor; without a key it is in the payload. */
  | { readonly kind: "keyed"; readonly actor: MessageActor; readonly key: string | undefined }
  /** All behind an alias: each gets the message. */
  | { readonly kind: "several"; readonly actors: readonly MessageActor[] }
  | { readonly kind: "system"; readonly name: string }
  | { readonly kind: "nobody"; readonly name: string };

export interface ActorSetup {
  readonly name: string;
  readonly messaging: Messaging;
  readonly subscribe: readonly KeyExpression[];
  /** True when its process is started with the flow, not by the first message. */
  readonly isEager: boolean;
}

export class MessageActor implements CellActor {
  readonly name: string;
  readonly messaging: Messaging;
  readonly subscribe: readonly KeyExpression[];
  readonly isEager: boolean;
  /** Lines that its processes have written which have ended. */
  linesOfEnded = 0;
  /** Why it takes no messages any more. */
  failed: string | undefined;
  /** Of one that lives in another program: it was heard of late. */
  isOnline = false;
  readonly #byKey = new Map<string, Cell>();
  readonly #cells: Cell[] = [];
  /** There are more keys than it is noted where they live. */
  #isCrowded = false;
  readonly #nextPlace: () => number;
  readonly #room: MailRoom;

  constructor(
    setup: ActorSetup,
    { nextPlace, room }: {
      readonly nextPlace: () => number;
      readonly room: MailRoom;
    },
  ) {
    this.name = setup.name;
    this.messaging = setup.messaging;
    this.subscribe = setup.subscribe;
    this.isEager = setup.isEager;
    this.#nextPlace = nextPlace;
    this.#room = room;
    const { supervisor } = setup.messaging;
    const cells = supervisor.type !== "keyed" ? 1 : supervisor.hosts === "each" ? 0 : supervisor.hosts;
    const places = supervisor.type === "pool" ? supervisor.size : 1;
    for (let cell = 0; cell < cells; cell++) this.#cells.push(this.#makeCell(places, undefined));
  }

  get cells(): readonly Cell[] {
    return this.#cells;
  }

  get isKeyed(): boolean {
    return this.messaging.supervisor.type === "keyed";
  }

  get idleMs(): number | undefined {
    const { supervisor } = this.messaging;
    return supervisor.type === "pool" ? undefined : supervisor.idleMs;
  }

  /** Who is meant by the actor's name alone. */
  get target(): Extract<MailTarget, { readonly kind: "cell" | "keyed" }> {
    const [cell] = this.#cells;
    return this.isKeyed || cell === undefined
      ? { kind: "keyed", actor: this, key: undefined }
      : { kind: "cell", cell };
  }

  /** The cell of a key. A new key goes to the host with the fewest; when they are many, to the one of its hash. */
  cellOf(key: string): Cell {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const isEach = this.messaging.supervisor.type === "keyed" && this.messaging.supervisor.hosts === "each";
    // From then on for good: a key that was never noted must not be given to another host.
    this.#isCrowded ||= !isEach && this.#byKey.size >= KEYS_PLACED_MAX;
    if (this.#isCrowded) return this.#hashed(key);
    const cell = isEach ? this.#makeCell(1, key) : this.#emptiest();
    if (isEach) this.#cells.push(cell);
    this.#keysOf.set(cell, (this.#keysOf.get(cell) ?? 0) + 1);
    this.#byKey.set(key, cell);
    return cell;
  }

  /** A key has no instance any more, and nothing waits for it. */
  forget(key: string): void {
    const cell = this.#byKey.get(key);
    if (cell === undefined) return;
    this.#byKey.delete(key);
    this.#keysOf.set(cell, (this.#keysOf.get(cell) ?? 1) - 1);
    if (cell.key === undefined) return;
    this.#keysOf.delete(cell);
    this.#cells.splice(this.#cells.indexOf(cell), 1);
  }

  readonly #keysOf = new Map<Cell, number>();

  #hashed(key: string): Cell {
    const [hash] = hashKey(key);
    return this.#cells[hash % this.#cells.length] ?? this.#emptiest();
  }

  #emptiest(): Cell {
    let best: Cell | undefined;
    for (const cell of this.#cells) {
      if (best === undefined || (this.#keysOf.get(cell) ?? 0) < (this.#keysOf.get(best) ?? 0)) best = cell;
    }
    if (best === undefined) throw new Error(`Actor "${this.name}" has no host`);
    return best;
  }

  #makeCell(places: number, key: string | undefined): Cell {
    const { messaging } = this;
    const isShared = messaging.supervisor.type === "keyed" && key === undefined;
    const cell = new Cell({
      actor: this,
      key,
      mailbox: new Mailbox(messaging.mailbox, this.#room),
      instances: isShared ? new Instances() : undefined,
    });
    for (let place = 0; place < places; place++) {
      cell.places.push(new Place({ id: this.#nextPlace(), cell, restart: messaging.restart }));
    }
    return cell;
  }
}
