/**
 * The bus of one run: reads what actors write, brings it to whom it is for, and keeps their lives. One turn after the
 * other; the thread that calls it waits in between.
 *
 *   processes ──lines──▶ LineHandler ──▶ Delivery ──▶ mailboxes ──▶ processes
 *   streams ──records──────────────────────▲  ▲
 *   SystemActors, timers ─────────────────────┘
 */
import { randomUUID } from "node:crypto";
import { MAILBOX_SHARE, RING_LOOK_MS, STATES_BYTES, TIMERS_TURN } from "../core/limits/message.ts";
import { WAIT_MS_MAX } from "../core/limits/process.ts";
import type { Readiness, RelayIo } from "../host/relay_io/relay_io.ts";
import type { BlockStore } from "../data/block_store.ts";
import type { Tracing } from "../core/messaging.ts";
import { ActorProcess } from "./actors/actor_process.ts";
import { Asks } from "./actors/asks.ts";
import type { Cell, CellActor } from "./actors/cell.ts";
import { Delivery } from "./delivery/delivery.ts";
import { Directory } from "./actors/directory.ts";
import type { Doing } from "./actors/doing.ts";
import { Feed } from "./actors/feed.ts";
import { FeedReader } from "./records/feed_reader.ts";
import { FullRings } from "./delivery/full_rings.ts";
import { Growth } from "./system/growth.ts";
import type { IdleOptions } from "./lives/idle_watch.ts";
import { HandlerDeadlines } from "./handlers/handler_deadlines.ts";
import { HandlerResults } from "./handlers/handler_results.ts";
import { IdleWatch } from "./lives/idle_watch.ts";
import { LineSource } from "./actors/line_source.ts";
import { LineHandler } from "./lines/line_handler.ts";
import type { Mail } from "./mail/mail.ts";
import type { Journal, Leftover } from "./mail/journal.ts";
import { KeptStates, type StateSpill } from "./system/kept_states.ts";
import { MailRoom } from "./mail/mail_room.ts";
import { MailStore } from "./mail/mail_store.ts";
import type { ActorSetup } from "./actors/message_actor.ts";
import { MessageActor } from "./actors/message_actor.ts";
import { MessageIds } from "./wire/message_ids.ts";
import type { MessageCounts, MessageReport } from "./mail/message_report.ts";
import { Origins } from "./mail/origins.ts";
import type { OpenedProcess } from "./lives/places.ts";
import { PipeFailures } from "./lives/pipe_failures.ts";
import { Places } from "./lives/places.ts";
import { ProcessIo } from "./lives/process_io.ts";
import { processOf } from "./actors/process_of.ts";
import { StarvedWatch } from "./delivery/starved_watch.ts";
import { RecordStream, Streams } from "./actors/streams.ts";
import type { Reply } from "./mail/reply.ts";
import { SystemActors } from "./system/system_actors.ts";
import { TimerHeap } from "../data/timer_heap.ts";

export interface EngineSetup {
  readonly run: string;
  readonly actors: readonly ActorSetup[];
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly tracing: Tracing;
  /** What messages that wait may take, in memory and then in blocks on disk. */
  readonly memoryBytes: number;
  readonly blocks: BlockStore;
  /** Where is kept what has to outlive the engine, and what an engine before this one has left there. */
  readonly journal: Journal | undefined;
  readonly leftover: Leftover;
  /** Where states go that have no place in memory. */
  readonly stateSpill: StateSpill;
  readonly doingOf: (process: ActorProcess) => Doing;
  /** The engine may not look into processes: who is silent for a while is taken to have finished. */
  readonly isBlind: boolean;
  readonly tell: (report: MessageReport) => void;
}

export class MessageEngine {
  readonly #setup: EngineSetup;
  readonly #io: RelayIo;
  readonly #ids = new MessageIds(randomUUID());
  readonly #origins = new Origins(this.#ids);
  readonly heap = new TimerHeap();
  readonly directory = new Directory();
  readonly streams = new Streams();
  readonly asks: Asks;
  readonly delivery: Delivery;
  readonly places: Places;
  readonly system: SystemActors;
  readonly #results: HandlerResults;
  readonly #deadlines: HandlerDeadlines;
  readonly growth: Growth;
  readonly #starved: StarvedWatch;
  readonly #lines: LineHandler;
  readonly #feedReader: FeedReader;
  readonly #failures: PipeFailures;
  readonly #processIo: ProcessIo;
  readonly #rings = new FullRings();
  readonly #room: MailRoom;
  /** Actors for whose mailboxes there was no room; each is told once. */
  readonly #roomless = new Set<CellActor>();
  readonly #states: KeptStates;
  readonly processes = new Map<number, ActorProcess>();
  readonly feeds = new Set<Feed>();
  readonly #byFd = new Map<number, ActorProcess | Feed | RecordStream>();
  readonly #readable = new Set<LineSource>();
  /** Processes that have ended; what they have written is still read. */
  readonly #ended = new Map<ActorProcess, { readonly isFailure: boolean }>();
  #places = 0;
  #now = performance.now();
  #lookAt = Infinity;
  #ringsAt = Infinity;

  constructor(setup: EngineSetup, io: RelayIo) {
    this.#setup = setup;
    this.#io = io;
    this.#failures = new PipeFailures({ tell: setup.tell, streams: this.streams });
    this.#processIo = new ProcessIo(io, this.#failures);
    const store = new MailStore({ blocks: setup.blocks, io });
    this.#room = new MailRoom({ memoryBytes: setup.memoryBytes, store });
    const { tell, tracing, journal } = setup;
    this.#states = new KeptStates({
      memoryBytes: Math.min(STATES_BYTES, setup.memoryBytes * MAILBOX_SHARE),
      spill: setup.stateSpill,
      leftOf: setup.leftover.stateOf,
      onNoRoom: (address, cause) => {
        const [actor = ""] = address.split("/");
        tell({ type: "no-room", what: "states", actor, cause });
      },
    });
    const endpoint = `sluice://${setup.run}`;
    const now = (): number => this.#now;
    const stateOf = (address: string): string | undefined => this.#states.get(address);
    const { heap, directory, streams } = this;
    this.asks = new Asks({
      heap,
      onExpired: (ask) => {
        const message = `No answer from '${ask.cell.address}' in time`;
        this.delivery.outbox.answer(ask.asker, {
          id: ask.id,
          receiver: ask.address,
          error: { code: "TIMEOUT", message },
        });
      },
    });
    this.delivery = new Delivery({
      ids: this.#ids,
      asks: this.asks,
      endpoint,
      tracing,
      tell,
      now,
      stateOf,
      noRoom: (cell) => this.#tellNoRoom(cell),
      senderOf: (number) => this.#origins.senderOf(number),
      start: (place) => this.places.start(place),
      held: (process) => this.#io.held(process.inFd),
      feedStarved: (process) => this.#starved.look(process),
      onWork: (process) => this.#deadlines.watch(process),
      deadLetters: () => deadLettersOf(directory),
      journal,
      isBlind: setup.isBlind,
      lookAt: (at) => this.#lookAt = Math.min(this.#lookAt, at),
    });
    this.#starved = new StarvedWatch({
      doingOf: setup.doingOf,
      held: (fd) => io.held(fd),
      isAsking: (process) => this.asks.isAsking(process),
      now,
      tell,
      onFatal: ({ cell: { actor } }) => this.places.stop(actor, `Actor '${actor.name}' acknowledges nothing`),
      lookAt: (at) => this.#lookAt = Math.min(this.#lookAt, at),
    });
    const { delivery, asks } = this;
    this.places = new Places({
      delivery,
      asks,
      heap,
      now,
      tell,
      stateOf,
      listUnread: (process) => {
        if (process.isClosed || !io.tellsHeld) return [];
        return process.inFlight.listUnread(process.unreadOf(io.held(process.inFd)));
      },
      onReady: (process) => this.#deadlines.again(process),
      onGone: (process) => this.#forget(process),
      onLost: (process, mail) => {
        const message = `Actor '${process.address}' ended while it handled the message`;
        this.#results.lose(process, mail, { code: "processing_error", message });
      },
      onFailed: (cell) => this.system.timers.drop((process) => process.cell.actor === cell.actor),
    });
    this.system = new SystemActors({
      delivery,
      directory,
      heap,
      now,
      tell,
      stateOf,
      save: (address, json) => {
        this.#states.save(address, json);
        journal?.save(address, json);
      },
      growth: () => this.growth,
      reply: (mail, reply) => this.#reply(mail, reply),
    });
    this.growth = new Growth({
      delivery,
      directory,
      tell,
      reply: (mail, reply) => this.#reply(mail, reply),
      addActor: (actor) => this.#addActor(actor),
      stopActor: (actor, reason) => {
        this.places.stop(actor, reason);
        this.system.timers.drop((process) => process.cell.actor === actor);
      },
      openFeed: (fd, actor) => this.#openFeed(fd, actor),
      give: (actor, payload) => this.#feedReader.give(actor, payload),
      closePipe: (fd) => this.#io.close(fd),
    });
    directory.onChange = () => {
      delivery.keepsCopies = deadLettersOf(directory).length > 0;
      for (const process of this.processes.values()) process.heads.clear();
    };
    streams.onRecord = (name, payload) => {
      for (const actor of this.growth.dependentsOf(name)) this.#feedReader.give(actor, payload);
    };
    const context = {
      ids: this.#ids,
      origins: this.#origins,
      directory,
      delivery,
      endpoint,
      tracing,
      now,
      tell,
    };
    this.#results = new HandlerResults({
      ...context,
      asks,
      streams,
      onAnswer: (process) => this.#deadlines.again(process),
    });
    this.#deadlines = new HandlerDeadlines({ heap, now, tell, delivery, results: this.#results });
    this.#lines = new LineHandler({ ...context, asks, streams, system: this.system, results: this.#results });
    this.#feedReader = new FeedReader(context, this.#processIo);
    this.#makeActors();
  }

  #makeActors(): void {
    const { actors, aliases } = this.#setup;
    for (const setup of actors) this.#makeActor(setup);
    for (const [alias, names] of aliases) this.directory.aliases.set(alias, names);
    this.directory.onChange();
  }

  #makeActor(setup: ActorSetup): MessageActor {
    const actor = new MessageActor(setup, { nextPlace: () => this.#places++, room: this.#room });
    this.directory.actors.set(setup.name, actor);
    return actor;
  }

  /** An actor that was not there when the run began. */
  #addActor(setup: ActorSetup): void {
    this.#startActor(this.#makeActor(setup));
  }

  #startActor(actor: MessageActor): void {
    if (actor.isEager && !actor.isKeyed) {
      for (const cell of actor.cells) for (const place of cell.places) this.places.start(place);
    }
    if (actor.idleMs !== undefined) new IdleWatch(actor, { ...this.#parts, idleMs: actor.idleMs }).begin();
  }

  /** Puts what an engine before this one has accepted into mailboxes again, in its order. */
  #deliverAgain(): void {
    for (const { row, actor: name, key, id, type, sender, priority, line } of this.#setup.leftover.mails) {
      const actor = this.directory.actors.get(name);
      const cell = key === undefined ? actor?.cells[0] : actor?.cellOf(key);
      if (cell === undefined) continue;
      const number = this.#ids.next();
      this.#origins.note(number, sender, id);
      const instance = cell.instances === undefined || key === undefined ? {} : { key };
      const part = { bytes: line, start: 0, end: line.length };
      cell.mailbox.push({ ...part, ...instance, number, id, row, type, sender, priority, deliveries: 0 });
      this.delivery.dirty.add(cell);
    }
  }

  /** Starts the actors that are not left to their first message. */
  begin(): void {
    this.#deliverAgain();
    for (const actor of this.directory.actors.values()) this.#startActor(actor);
  }

  get #parts(): Omit<IdleOptions, "idleMs"> {
    const { heap, delivery, places, asks } = this;
    return { heap, delivery, places, asks, now: () => this.#now, tell: this.#setup.tell };
  }

  /** A process was started; its pipes belong to the bus from now on. */
  open(opened: OpenedProcess): void {
    const process = this.places.open(opened);
    if (process === undefined) {
      this.#io.close(opened.inFd);
      this.#io.close(opened.outFd);
      return;
    }
    this.processes.set(process.id, process);
    this.#byFd.set(process.inFd, process);
    this.#byFd.set(process.outFd, process);
    this.#processIo.watch(process, process.outFd);
    this.#readable.add(process);
  }

  /** A process has ended. */
  ended(id: number, isFailure: boolean): void {
    const process = this.processes.get(id);
    if (process === undefined) return;
    process.isReadable = true;
    this.#readable.add(process);
    this.#ended.set(process, { isFailure });
  }

  /** A stream comes to an actor. */
  feed(actor: string, fd: number): void {
    const known = this.directory.actors.get(actor);
    if (known === undefined) return this.#io.close(fd);
    this.#openFeed(fd, known, this.#setup.leftover.records.get(actor) ?? 0);
  }

  /** `skipped`: how many records an engine before this one has taken already. */
  #openFeed(
    fd: number,
    actor: MessageActor,
    skipped?: number,
  ): { readonly add: (actor: MessageActor) => void } {
    const feed = new Feed({ fd, actor, skipped });
    this.feeds.add(feed);
    this.#byFd.set(fd, feed);
    this.#processIo.watch(feed, fd);
    this.#readable.add(feed);
    return { add: (other) => void feed.actors.push(other) };
  }

  #dropFeed(feed: Feed): void {
    for (const { waiting } of this.cells) waiting.delete(feed);
    this.delivery.resumed.delete(feed);
    this.#readable.delete(feed);
    this.#endSource(feed);
  }

  /** Somebody reads an actor's stdout stream. */
  stream(actor: string, fd: number): void {
    const stream = new RecordStream(fd);
    this.streams.byActor.set(actor, stream);
    this.#byFd.set(fd, stream);
  }

  /** Something may have become ready. */
  note({ fd, isBroken }: Readiness): void {
    const owner = this.#byFd.get(fd);
    if (owner === undefined) return;
    if (owner instanceof RecordStream) {
      this.streams.unwritten.add(owner);
      return;
    }
    if (owner instanceof Feed || fd === owner.outFd) {
      owner.isReadable = true;
      owner.isBroken ||= isBroken;
      this.#readable.add(owner);
    } else this.delivery.outbox.unwritten.add(owner);
  }

  /** Does what can be done now. True when there is nothing more to be done before something happens. */
  turn(): boolean {
    this.#now = performance.now();
    this.heap.fire(this.#now, TIMERS_TURN);
    for (const source of this.#readable) this.#read(source);
    this.#pump();
    this.#flush();
    for (const [process, { isFailure }] of this.#ended) this.#settle(process, isFailure);
    this.#pump();
    this.#flush();
    this.#lookAtRings();
    this.#setup.journal?.commit();
    return this.#readable.size === 0 && this.delivery.dirty.size === 0 && this.delivery.resumed.size === 0;
  }

  #read(source: LineSource): void {
    if (source.isPaused) {
      this.#readable.delete(source);
      return;
    }
    if (source instanceof Feed) this.#feedReader.read(source);
    else if (source instanceof ActorProcess) this.#readProcess(source);
    if (!source.isReadable || source.isPaused || source.isAtEnd) this.#readable.delete(source);
    if (source.isAtEnd && !source.isPaused && source.input.length === 0) this.#endSource(source);
  }

  #readProcess(process: ActorProcess): void {
    const count = this.#processIo.read(process, {
      fd: process.outFd,
      lineBytesMax: process.cell.actor.messaging.lineBytesMax,
      onLine: (bytes, start, end) => this.#lines.handle(process, bytes, { start, end }),
      onTooLong: (line) => {
        const { lineBytesMax } = process.cell.actor.messaging;
        this.#lines.breakOff(process, { problem: `it is longer than ${lineBytesMax} bytes`, line });
      },
    });
    if (count > 0) {
      process.moved += count;
      process.starvedMs = process.starvedAt = 0;
      process.lastAt = this.#now;
    }
  }

  #endSource(source: LineSource): void {
    if (!(source instanceof Feed)) return;
    this.feeds.delete(source);
    this.#close(source.fd, { isWatched: true });
    this.growth.noteRead(source.fd);
  }

  /** Brings messages to processes until nothing moves. */
  #pump(): void {
    const { dirty, resumed } = this.delivery;
    for (let round = 0; round < PUMPS_MAX && dirty.size > 0; round++) {
      for (const cell of dirty) {
        dirty.delete(cell);
        this.delivery.pump(cell);
        if (cell.waiting.size > 0 && this.#ringsAt === Infinity) this.#ringsAt = this.#now + RING_LOOK_MS;
      }
    }
    for (const sender of resumed) {
      resumed.delete(sender);
      if (sender instanceof LineSource) this.#readable.add(sender);
    }
  }

  #flush(): void {
    const { dirty, outbox: { unwritten } } = this.delivery;
    for (const process of unwritten) {
      unwritten.delete(process);
      if (process.isClosed) continue;
      if (!this.#processIo.write(process)) process.dropOut(); // It ends, or reads no more: its end tells.
      if (process.out.length > 0) continue;
      if (process.isClosing) this.#closeInput(process);
      else if (process.cell.mailbox.length > 0 || process.cell.waiting.size > 0) dirty.add(process.cell);
    }
    for (const stream of this.streams.unwritten) this.#flushStream(stream);
  }

  #flushStream(stream: RecordStream): void {
    this.streams.unwritten.delete(stream);
    if (stream.fd < 0) return;
    if (!this.#processIo.writeRecords(stream)) stream.end();
    if (stream.out.length > 0) return;
    for (const process of stream.waiting) {
      process.isStreamFull = false;
      this.#readable.add(process);
    }
    stream.waiting.clear();
    if (stream.isEnded) this.#closeStream(stream);
  }

  /** No more records come from an actor: its stream ends when it is written. */
  endStream(actor: string): void {
    const stream = this.streams.byActor.get(actor);
    if (stream === undefined || stream.isEnded) return;
    stream.isEnded = true;
    this.streams.unwritten.add(stream);
    this.#flush();
  }

  #closeStream(stream: RecordStream): void {
    if (this.#byFd.delete(stream.fd)) this.#close(stream.fd, { isWatched: stream.isFull });
  }

  #closeInput(process: ActorProcess): void {
    if (process.isClosed) return;
    process.isClosed = true;
    this.#close(process.inFd, { isWatched: process.isOutFull });
  }

  #close(fd: number, { isWatched }: { readonly isWatched: boolean }): void {
    if (isWatched) this.#io.forget(fd);
    this.#byFd.delete(fd);
    this.#io.close(fd);
  }

  /** A process that has ended is forgotten when all that it has written is handled. */
  #settle(process: ActorProcess, isFailure: boolean): void {
    if (process.isPaused || (process.isReadable && !process.isAtEnd) || this.#readable.has(process)) return;
    this.#ended.delete(process);
    const place = process.cell.places.find(({ life }) => "process" in life && life.process === process);
    if (place === undefined) return;
    this.places.end(place, { process, isFailure: isFailure || this.#failures.isCut(process) });
    if (this.places.isEnding) this.#endStreamOf(process.cell.actor);
  }

  /** What an actor writes when it is told to end is part of its stream. */
  #endStreamOf(actor: CellActor): void {
    const isThere = actor.cells.some(({ places }) =>
      places.some(({ life: { state } }) => state === "active" || state === "draining" || state === "starting")
    );
    if (!isThere) this.endStream(actor.name);
  }

  #forget(process: ActorProcess): void {
    this.processes.delete(process.id);
    process.cell.actor.linesOfEnded += process.lines;
    this.#readable.delete(process);
    this.delivery.outbox.unwritten.delete(process);
    this.#starved.forget(process);
    this.#closeInput(process);
    this.#close(process.outFd, { isWatched: true });
  }

  #reply(mail: Mail, { from, type, message, error }: Reply): void {
    const process = processOf(mail.from);
    if (process === undefined) return;
    const id = mail.id;
    // Nobody waits for an answer to a message that he gave no identity; but who asks for something gets it.
    if (id === undefined && message !== null && type === "Ok") return;
    this.delivery.outbox.answer(process, {
      id: id ?? this.#ids.text(mail.number),
      receiver: mail.sender,
      sender: from,
      type,
      message,
      error,
    });
  }

  #tellNoRoom({ actor, mailbox: { refused } }: Cell): void {
    if (refused === undefined || this.#roomless.has(actor)) return;
    this.#roomless.add(actor);
    this.#setup.tell({ type: "no-room", what: "messages", actor: actor.name, cause: refused });
  }

  #lookAtRings(): void {
    if (this.#now < this.#ringsAt) return;
    const cells = [...this.directory.actors.values()].flatMap((actor) => actor.cells);
    for (const { cell, ring } of this.#rings.look(cells)) {
      const full = ring.find(({ mailbox }) => mailbox.refused !== undefined);
      if (full !== undefined) {
        this.#tellNoRoom(full);
        continue;
      }
      const addresses = ring.map(({ address }) => address);
      this.#setup.tell({ type: "grown", actor: cell.address, size: cell.mailbox.size, ring: addresses });
      this.delivery.dirty.add(cell);
    }
    this.#ringsAt = cells.some((cell) => cell.waiting.size > 0) ? this.#now + RING_LOOK_MS : Infinity;
  }

  /** How long the thread may wait, in milliseconds; -1 for ever. */
  timeout(): number {
    const at = Math.min(this.heap.next, this.#lookAt, this.#ringsAt);
    return at === Infinity ? -1 : Math.min(WAIT_MS_MAX, Math.max(0, Math.ceil(at - performance.now())));
  }

  /** The time of a look has come: whether processes have read what they were given. */
  lookAgain(): void {
    if (performance.now() < this.#lookAt) return;
    this.#lookAt = Infinity;
    for (const actor of this.directory.actors.values()) {
      for (const cell of actor.cells) if (cell.mailbox.length > 0) this.delivery.dirty.add(cell);
    }
  }

  /** Tells every process to end; nobody is started any more. `isAsked`: there may be more to be done. */
  shutDown({ isAsked }: { readonly isAsked: boolean }): void {
    this.places.isEnding = true;
    for (const actor of this.directory.actors.values()) {
      for (const cell of actor.cells) for (const place of cell.places) this.places.drain(place);
      this.#endStreamOf(actor);
    }
    this.delivery.end(this.cells, { isAsked });
    // Nobody is there for what still comes: its writers see that.
    for (const feed of this.feeds) this.#dropFeed(feed);
    this.#flush();
  }

  /** True when no process is left, and every stream is written. */
  get hasEnded(): boolean {
    if (this.processes.size > 0 || this.cells.some(({ isStarting }) => isStarting)) return false;
    return [...this.streams.byActor.values()].every(({ isEnded, out }) => isEnded && out.length === 0);
  }

  get counts(): readonly MessageCounts[] {
    return [...this.directory.actors.values()].map(({ name, cells, linesOfEnded }) => ({
      actor: name,
      messagesIn: cells.reduce((sum, { taken }) => sum + taken, 0),
      messagesOut: linesOfEnded,
    }));
  }

  /** Lets go of everything. */
  close(): void {
    this.growth.close();
    for (const process of this.processes.values()) this.#forget(process);
    for (const fd of [...this.#byFd.keys()]) this.#close(fd, { isWatched: false });
  }

  get cells(): readonly Cell[] {
    return [...this.directory.actors.values()].flatMap((actor) => actor.cells);
  }
}

/** Rounds of one turn: more would let others wait. */
const PUMPS_MAX = 100;

/** The cells of the actors that get dead letters. */
function deadLettersOf(directory: Directory): readonly Cell[] {
  const target = directory.find("dead-letter");
  if (target.kind === "cell") return [target.cell];
  return target.kind === "several"
    ? target.actors.flatMap((actor) => actor.target.kind === "cell" ? actor.target.cell : [])
    : [];
}
