/**
 * The bus of one run: reads what actors write, brings it to whom it is for, and keeps their lives. One turn after the
 * other; the thread that calls it waits in between. What it is made of, and how that hangs together, is in
 * `engine_parts.ts`.
 */
import { PUMPS_MAX, TIMERS_TURN } from "../core/limits/message.ts";
import { WAIT_MS_MAX } from "../core/limits/process.ts";
import type { Lost } from "../core/messaging.ts";
import type { DescriptorIo } from "../host/descriptor_io/descriptor_io.ts";
import type { ActorProcess } from "./actors/actor_process.ts";
import type { CellActor } from "./actors/cell.ts";
import { makeStrangers } from "./actors/make_strangers.ts";
import { LineSource } from "./actors/line_source.ts";
import { placeOf } from "./actors/process_of.ts";
import { deliverAgain } from "./deliver_again.ts";
import { EngineParts } from "./engine_parts.ts";
import type { EngineSetup } from "./engine_setup.ts";
import type { LinkIn, LinkOut } from "./link/link.ts";
import type { OpenedProcess } from "./lives/places.ts";
import type { MessageCounts } from "./mail/message_report.ts";

export class MessageEngine {
  readonly #setup: EngineSetup;
  readonly parts: EngineParts;
  /** Processes that have ended; what they have written is still read. */
  readonly #ended = new Map<ActorProcess, { readonly isFailure: boolean }>();

  constructor(setup: EngineSetup, io: DescriptorIo) {
    this.#setup = setup;
    const { base: { directory }, starter } = this.parts = new EngineParts(setup, io);
    for (const actor of setup.actors) starter.make(actor);
    if (setup.hasStrangers) starter.make(makeStrangers());
    for (const [alias, names] of setup.aliases) directory.aliases.set(alias, names);
    directory.onChange();
  }

  /** Starts the actors that are not left to their first message. */
  begin(): void {
    const { base, delivery, starter } = this.parts;
    deliverAgain(this.#setup.leftover.mails, { ...base, delivery });
    for (const actor of base.directory.actors.values()) starter.start(actor);
  }

  /** A process was started; its link belongs to the bus from now on. */
  open(opened: OpenedProcess): void {
    const process = this.parts.places.open(opened);
    if (process !== undefined) return this.parts.links.addProcess(process);
    opened.link.from.close();
    opened.link.to.close();
  }

  /** A process has ended. `isStopped`: by the engine, which has waited for its end in vain. */
  ended(
    id: number,
    { isFailure, isStopped }: { readonly isFailure: boolean; readonly isStopped: boolean },
  ): void {
    const { links } = this.parts;
    const process = links.processes.get(id);
    if (process === undefined) return;
    process.isReadable = true;
    if (isStopped && process.phase !== "given-up") process.phase = "stopped";
    links.resume(process);
    this.#ended.set(process, { isFailure });
  }

  /** An actor that lives in another program is there, or is not any more. */
  noteOnline(name: string, isOnline: boolean): void {
    const actor = this.parts.base.directory.actors.get(name);
    if (actor !== undefined) actor.isOnline = isOnline;
  }

  /** A stream comes to an actor. */
  feed(actor: string, link: LinkIn): void {
    const known = this.parts.base.directory.actors.get(actor);
    if (known === undefined) return link.close();
    this.parts.links.addFeed(link, known, this.#setup.leftover.records.get(actor) ?? 0);
  }

  /** Somebody reads an actor's stdout stream. */
  stream(actor: string, link: LinkOut): void {
    this.parts.links.addStream(link, actor);
  }

  /** Does what can be done now. True when there is nothing more to be done before something happens. */
  turn(): boolean {
    const { base: { clock, heap, tracing }, delivery: { dirty, resumed }, links, rings } = this.parts;
    clock.time = performance.now();
    tracing.turn(clock.time);
    heap.fire(clock.time, TIMERS_TURN);
    links.read();
    this.#pump();
    links.write();
    for (const [process, { isFailure }] of this.#ended) this.#settle(process, isFailure);
    this.#pump();
    links.write();
    rings.look();
    this.#setup.journal?.commit();
    return !links.isReadable && dirty.size === 0 && resumed.size === 0;
  }

  /** Brings messages to processes until nothing moves. */
  #pump(): void {
    const { delivery, rings, links } = this.parts;
    const { dirty, resumed } = delivery;
    for (let round = 0; round < PUMPS_MAX && dirty.size > 0; round++) {
      for (const cell of dirty) {
        dirty.delete(cell);
        delivery.pump(cell);
        if (cell.waiting.size > 0) rings.note();
      }
    }
    for (const sender of resumed) {
      resumed.delete(sender);
      if (sender instanceof LineSource) links.resume(sender);
    }
  }

  /** A process that has ended is forgotten when all that it has written is handled. */
  #settle(process: ActorProcess, isFailure: boolean): void {
    const { links, places, failures } = this.parts;
    if (!links.isRead(process)) return;
    this.#ended.delete(process);
    const place = placeOf(process);
    if (place === undefined) return;
    places.end(place, { process, isFailure: isFailure || failures.isCut(process) });
    if (places.isEnding) this.#endStreamOf(process.cell.actor);
  }

  /** What an actor writes when it is told to end is part of its stream. */
  #endStreamOf(actor: CellActor): void {
    const isThere = actor.cells.some(({ places }) =>
      places.some(({ life: { state } }) => state === "active" || state === "draining" || state === "starting")
    );
    if (!isThere) this.parts.links.endStream(actor.name);
  }

  /** How long the thread may wait, in milliseconds; -1 for ever. */
  timeout(): number {
    const { base: { heap, nextLook }, rings } = this.parts;
    const at = Math.min(heap.next, nextLook.at, rings.at);
    return at === Infinity ? -1 : Math.min(WAIT_MS_MAX, Math.max(0, Math.ceil(at - performance.now())));
  }

  /** Looks, when it is time, whether processes have read what they were given. */
  lookAgain(): void {
    const { base: { directory, nextLook }, delivery } = this.parts;
    if (!nextLook.take(performance.now())) return;
    for (const cell of directory.cells) if (cell.mailbox.length > 0) delivery.dirty.add(cell);
  }

  /** Tells every process to end; nobody is started any more. `isAsked`: there may be more to be done. */
  shutDown({ isAsked }: { readonly isAsked: boolean }): void {
    const { base: { directory }, places, delivery, links } = this.parts;
    places.isEnding = true;
    for (const actor of directory.actors.values()) {
      for (const cell of actor.cells) for (const place of cell.places) places.drain(place);
      this.#endStreamOf(actor);
    }
    delivery.end(directory.cells, { isAsked });
    links.dropFeeds();
    links.write();
  }

  /** True when no process is left, and every stream is written. */
  get hasEnded(): boolean {
    const { base: { directory, streams }, links } = this.parts;
    if (links.processes.size > 0 || directory.cells.some(({ isStarting }) => isStarting)) return false;
    return [...streams.byActor.values()].every(({ isEnded, isEmpty }) => isEnded && isEmpty);
  }

  get counts(): readonly MessageCounts[] {
    return [...this.parts.base.directory.actors.values()].map(({ name, cells, linesOfEnded }) => ({
      actor: name,
      messagesIn: cells.reduce((sum, { taken }) => sum + taken, 0),
      messagesOut: linesOfEnded,
    }));
  }

  /** What nobody handled and nobody ever will. */
  get lost(): readonly Lost[] {
    return this.parts.delivery.rejections.losses.list;
  }

  /** Lets go of everything. */
  close(): void {
    const { spawn, links } = this.parts;
    spawn.close();
    links.close();
  }
}
