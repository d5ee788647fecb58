/**
 * Delivery and lives over processes that are none, for tests of what is decided: what they are given waits in memory,
 * and time is what the test says.
 */
import type { Messaging } from "../../lib/core/messaging.ts";
import { TimerHeap } from "../../lib/data/timer_heap.ts";
import type { ActorProcess } from "../../lib/message/actors/actor_process.ts";
import { Asks } from "../../lib/message/actors/asks.ts";
import type { Cell } from "../../lib/message/actors/cell.ts";
import { Directory } from "../../lib/message/actors/directory.ts";
import { MessageActor } from "../../lib/message/actors/message_actor.ts";
import { Delivery } from "../../lib/message/delivery/delivery.ts";
import { NextLook } from "../../lib/message/delivery/next_look.ts";
import { StarvedWatch } from "../../lib/message/delivery/starved_watch.ts";
import { Places } from "../../lib/message/lives/places.ts";
import type { Journal } from "../../lib/message/mail/journal.ts";
import type { Mail } from "../../lib/message/mail/mail.ts";
import { TraceGate } from "../../lib/message/mail/trace_gate.ts";
import { MailRoom } from "../../lib/message/mail/mail_room.ts";
import type { MessageReport } from "../../lib/message/mail/message_report.ts";
import { Origins } from "../../lib/message/mail/origins.ts";
import { MessageIds } from "../../lib/message/wire/message_ids.ts";
import { makeDeadLink, MESSAGING } from "./actors.ts";

/** A line that a process was given: its type, and its payload. */
export type Given = readonly [type: string, message: unknown];

export class Bus {
  now = 0;
  readonly told: MessageReport[] = [];
  /** Messages in the journal, by their rows. */
  readonly kept = new Map<number, string>();
  /** What was lost with handlers that had it. */
  readonly lost: Mail[] = [];
  /** What processes that end have not read, by how many bytes. */
  unread = 0;
  readonly heap = new TimerHeap();
  readonly directory = new Directory();
  readonly asks: Asks;
  readonly delivery: Delivery;
  readonly places: Places;
  readonly #ids = new MessageIds("00000000-0000-4000-8000-000000000000");
  readonly #origins = new Origins(this.#ids);
  #processes = 0;

  /** Actors by name, each with what is its own. */
  constructor(actors: Readonly<Record<string, Partial<Messaging>>>) {
    const room = new MailRoom({ memoryBytes: 1024 * 1024 });
    let places = 0;
    for (const [name, own] of Object.entries(actors)) {
      const setup = { name, messaging: { ...MESSAGING, ...own }, subscribe: [], isEager: false };
      this.directory.actors.set(name, new MessageActor(setup, { nextPlace: () => places++, room }));
    }
    this.asks = new Asks({ heap: this.heap, onExpired: () => undefined });
    const context = {
      ids: this.#ids,
      origins: this.#origins,
      directory: this.directory,
      asks: this.asks,
      heap: this.heap,
      nextLook: new NextLook(),
      endpoint: "sluice://test",
      tracing: new TraceGate("off"),
      journal: this.#makeJournal(),
      now: () => this.now,
      tell: (report: MessageReport) => void this.told.push(report),
      stateOf: (address: string) => address === "kept" ? '{"n":1}' : undefined,
    };
    this.delivery = new Delivery({
      ...context,
      starved: new StarvedWatch({
        ...context,
        doingOf: () => "unknown",
        onFatal: () => undefined,
        onMute: () => undefined,
      }),
      isBlind: false,
      start: (place) => this.places.start(place),
      onWork: () => undefined,
    });
    this.places = new Places({
      ...context,
      delivery: this.delivery,
      listUnread: ({ inFlight }) => inFlight.listUnread(this.unread),
      onReady: () => undefined,
      onGone: ({ stdin }) => stdin.close(),
      onLost: (_, mail) => void this.lost.push(mail),
      onFailed: () => undefined,
    });
  }

  #makeJournal(): Journal {
    return {
      accept: (mail, { id }) => {
        this.kept.set(mail.number, id);
        return mail.number;
      },
      remove: (row) => void this.kept.delete(row),
      save: () => undefined,
      noteRecords: () => undefined,
      commit: () => undefined,
      close: () => undefined,
    };
  }

  /** The first mailbox of an actor. */
  cell(name: string): Cell {
    const cell = this.directory.actors.get(name)?.cells[0];
    if (cell === undefined) throw new Error(name);
    return cell;
  }

  /** The process that was asked for in a place is there. */
  open(cell: Cell, place = 0): ActorProcess {
    const { id = -1 } = cell.places[place] ?? {};
    const process = this.places.open({ id: this.#processes++, place: id, pid: 7, link: makeDeadLink() });
    if (process === undefined) throw new Error("nobody has asked for it");
    return process;
  }

  /** Asks for a process, and it is there. */
  start(name: string): ActorProcess {
    const cell = this.cell(name);
    for (const place of cell.places) this.places.start(place);
    return this.open(cell);
  }

  /** A process has ended. */
  end(process: ActorProcess, { isFailure }: { readonly isFailure: boolean }): void {
    const place = process.cell.places.find(({ life }) => "process" in life && life.process === process);
    if (place === undefined) throw new Error("it has ended already");
    this.places.end(place, { process, isFailure });
  }

  /** A message with a payload that names it. */
  mail(name: string, more: Partial<Mail> = {}): Mail {
    const number = this.#ids.next();
    const bytes = new TextEncoder().encode(`{"message_type":"T","receiver":"x","message":"${name}"}\n`);
    const { sender = "" } = more;
    this.#origins.note(number, sender, more.id);
    return {
      bytes,
      start: 0,
      end: bytes.length,
      number,
      priority: 128,
      type: "T",
      sender,
      deliveries: 0,
      ...more,
    };
  }

  /** Brings messages to processes until nothing moves. */
  pump(): void {
    const { dirty } = this.delivery;
    for (const cell of dirty) {
      dirty.delete(cell);
      this.delivery.pump(cell);
    }
  }

  /** A process reads all that it gets, until nothing more comes; what that was. */
  read(process: ActorProcess): readonly Given[] {
    const given: Given[] = [];
    for (;;) {
      this.delivery.dirty.add(process.cell);
      this.pump();
      const more = takeGiven(process);
      if (more.length === 0) return given;
      given.push(...more);
      this.now += 1;
    }
  }

  /** The time has come. */
  fire(now: number): void {
    this.now = now;
    this.heap.fire(now, 1000);
  }

  of(type: MessageReport["type"]): readonly MessageReport[] {
    return this.told.filter((report) => report.type === type);
  }

  /** The lives of actors, as they were told. */
  get lives(): readonly string[] {
    return this.told.flatMap((report) =>
      report.type === "actor-state" ? `${report.actor}${report.key ?? ""} ${report.state}` : []
    );
  }
}

/** What a process was given since it was last asked. */
export function takeGiven({ stdin }: ActorProcess): readonly Given[] {
  const { bytes, start, end, length } = stdin.bytes;
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  stdin.took(length);
  return text.split("\n").slice(0, -1).map((line): Given => {
    const { message_type, message } = JSON.parse(line);
    return [message_type, message];
  });
}
