/**
 * A mailbox and the processes that take from it: a singleton has one, a pool one for all members, a keyed actor one
 * for each host, or for each key.
 *
 *   place:  inactive ──first message──▶ starting ──▶ active ──idle, end of the flow──▶ draining ──▶ inactive, stopped
 *                                          ▲            │ failed
 *                                          └── backoff ─┴──────▶ failed
 */
import type { Messaging, Restart } from "../../core/messaging.ts";
import type { Deque } from "../../data/deque.ts";
import type { Instances } from "./instances.ts";
import type { Mail, MailSender } from "../mail/mail.ts";
import type { Mailbox } from "../mail/mailbox.ts";
import { RestartBudget } from "./restart_budget.ts";

/** What a cell knows of a process (`process_of.ts` gives all of it). */
export interface CellProcess {
  readonly pid: number;
  /** True when one more message may go on its way. */
  readonly hasRoom: boolean;
  /** How busy it is, to be compared with others of its kind. */
  readonly load: number;
}

/** What a cell knows of its actor. */
export interface CellActor {
  readonly name: string;
  readonly messaging: Messaging;
  readonly cells: readonly Cell[];
  /** Why it takes no messages any more. */
  failed: string | undefined;
  /** Lines that its processes have written which have ended. */
  linesOfEnded: number;
  /** The cell of a key. */
  readonly cellOf: (key: string) => Cell;
  /** A key has no instance any more, and nothing waits for it. */
  readonly forget: (key: string) => void;
}

/** A message that has no room yet. */
export interface Parked {
  readonly cell: Cell;
  readonly mail: Mail;
}

/** A sender whose messages have no room: it is not read meanwhile. */
export interface WaitingSender extends MailSender {
  readonly parked: Deque<Parked>;
}

export type Life =
  | { readonly state: "inactive" }
  /** A process was asked for, or is when its backoff is over. */
  | { readonly state: "starting"; readonly isWaiting: boolean }
  | { readonly state: "active"; readonly process: CellProcess }
  /** It was told to end. */
  | { readonly state: "draining"; readonly process: CellProcess }
  | { readonly state: "stopped" }
  | { readonly state: "failed" };

/** The place of one process. */
export class Place {
  /** The run's number of it, the same for one process after the other. */
  readonly id: number;
  readonly cell: Cell;
  readonly budget: RestartBudget;
  life: Life = { state: "inactive" };

  constructor(
    { id, cell, restart }: { readonly id: number; readonly cell: Cell; readonly restart: Restart },
  ) {
    this.id = id;
    this.cell = cell;
    this.budget = new RestartBudget(restart);
  }
}

export class Cell {
  readonly actor: CellActor;
  /** The key, when every key has a process. */
  readonly key: string | undefined;
  readonly mailbox: Mailbox<Mail>;
  readonly places: Place[] = [];
  /** The instances that live in its process, when several share it. */
  readonly instances: Instances | undefined;
  /** Whose messages have no room here. */
  readonly waiting = new Set<WaitingSender>();
  /** Messages that were taken from the mailbox, in all. */
  taken = 0;

  constructor(
    { actor, key, mailbox, instances }: Pick<Cell, "actor" | "key" | "mailbox" | "instances">,
  ) {
    this.actor = actor;
    this.key = key;
    this.mailbox = mailbox;
    this.instances = instances;
  }

  get address(): string {
    return this.key === undefined ? this.actor.name : `${this.actor.name}/${this.key}`;
  }

  /** Processes that may be given messages. */
  get active(): readonly CellProcess[] {
    return this.places.flatMap(({ life }) => life.state === "active" ? life.process : []);
  }

  /** True when what it is given need not be noted. */
  get isSimple(): boolean {
    const { delivery, handler } = this.actor.messaging;
    return this.instances === undefined && delivery === "at-most-once" && handler === undefined;
  }

  /** The only process, when a message may go straight to it: nothing else waits. */
  get direct(): CellProcess | undefined {
    if (this.mailbox.length > 0 || this.places.length !== 1) return undefined;
    const life = this.places[0]?.life;
    return life?.state === "active" && life.process.hasRoom ? life.process : undefined;
  }

  /** The process that gets the next message: of those with room the least busy one. */
  pick(): CellProcess | undefined {
    let picked: CellProcess | undefined;
    for (const { life } of this.places) {
      if (life.state !== "active" || !life.process.hasRoom) continue;
      if (picked === undefined || life.process.load < picked.load) picked = life.process;
    }
    return picked;
  }

  /** A place that could be filled. */
  get vacancy(): Place | undefined {
    return this.places.find(({ life }) => life.state === "inactive");
  }

  /** True when a process is on its way. */
  get isStarting(): boolean {
    return this.places.some(({ life }) => life.state === "starting");
  }
}
