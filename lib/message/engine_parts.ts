/**
 * The parts of the bus, and who calls whom. Each is made of those before it; where one calls another that comes after
 * it, that stands here as a function.
 *
 *   Links ──lines──▶ LineHandler ──▶ Delivery ──▶ mailboxes, processes ──▶ Links
 *      └──records──▶ FeedReader ─────────▲  ▲ └──wants processes──▶ Places
 *   SystemActors, SpawnActor, HandlerResults ────┘
 */
import { randomUUID } from "node:crypto";
import { MAILBOX_SHARE, STATES_BYTES } from "../core/limits/message.ts";
import { TimerHeap } from "../data/timer_heap.ts";
import type { DescriptorIo } from "../host/descriptor_io/descriptor_io.ts";
import { ActorStarter } from "./actor_starter.ts";
import { Asks } from "./actors/asks.ts";
import { Directory } from "./actors/directory.ts";
import { Streams } from "./actors/streams.ts";
import { Delivery } from "./delivery/delivery.ts";
import { NextLook } from "./delivery/next_look.ts";
import { RingWatch } from "./delivery/ring_watch.ts";
import { StarvedWatch } from "./delivery/starved_watch.ts";
import type { EngineSetup } from "./engine_setup.ts";
import { HandlerDeadlines } from "./handlers/handler_deadlines.ts";
import { HandlerResults } from "./handlers/handler_results.ts";
import { LineHandler } from "./lines/line_handler.ts";
import { LinkFailures } from "./lives/link_failures.ts";
import { Places } from "./lives/places.ts";
import { LinkIo } from "./lives/link_io.ts";
import { MailRoom } from "./mail/mail_room.ts";
import { MailStore } from "./mail/mail_store.ts";
import { Origins } from "./mail/origins.ts";
import { Links } from "./links.ts";
import { FeedReader } from "./records/feed_reader.ts";
import { SpawnActor } from "./system/spawn_actor.ts";
import { KeptStates } from "./system/kept_states.ts";
import { SystemActors } from "./system/system_actors.ts";
import { TraceGate } from "./mail/trace_gate.ts";
import { MessageIds } from "./wire/message_ids.ts";

export class EngineParts {
  readonly base: ReturnType<typeof makeBase>;
  readonly asks: Asks;
  readonly starved: StarvedWatch;
  readonly delivery: Delivery;
  readonly rings: RingWatch;
  readonly results: HandlerResults;
  readonly deadlines: HandlerDeadlines;
  readonly places: Places;
  readonly starter: ActorStarter;
  readonly failures: LinkFailures;
  readonly spawn: SpawnActor;
  readonly system: SystemActors;
  readonly links: Links;

  constructor(setup: EngineSetup, io: DescriptorIo) {
    const base = this.base = makeBase(setup, io);
    this.asks = new Asks({
      heap: base.heap,
      onExpired: ({ id, asker, address, cell }) => {
        const error = { code: "TIMEOUT", message: `No answer from '${cell.address}' in time` };
        this.delivery.outbox.answer(asker, { id, receiver: address, error });
      },
    });
    const known = { ...base, asks: this.asks };
    this.starved = new StarvedWatch({
      ...known,
      doingOf: setup.doingOf,
      onMute: (process) => this.places.drainProcess(process),
      onFatal: ({ cell: { actor } }) => this.places.stop(actor, `Actor '${actor.name}' acknowledges nothing`),
    });
    const delivery = this.delivery = new Delivery({
      ...known,
      starved: this.starved,
      isBlind: setup.isBlind,
      start: (place) => this.places.start(place),
      onWork: (process) => this.deadlines.watch(process),
    });
    base.directory.onChange = () => {
      delivery.giver.keepsCopies = base.directory.deadLetters.length > 0;
      for (const process of this.links.processes.values()) process.heads.clear();
    };
    const shared = { ...known, delivery };
    this.rings = new RingWatch(shared);
    this.results = new HandlerResults({ ...shared, onAnswer: (process) => this.deadlines.again(process) });
    this.deadlines = new HandlerDeadlines({ ...shared, results: this.results });
    this.places = new Places({
      ...shared,
      listUnread: ({ stdin, inFlight }) =>
        stdin.isClosed || !stdin.link.tellsHeld ? [] : inFlight.listUnread(stdin.unread),
      onReady: (process) => this.deadlines.again(process),
      onGone: (process) => {
        process.cell.actor.linesOfEnded += process.lines;
        this.starved.forget(process);
        this.links.forget(process);
      },
      onLost: (process, mail) => {
        const message = `Actor '${process.address}' ended while it handled the message`;
        this.results.lose(process, mail, { code: "processing_error", message });
      },
      onFailed: ({ actor }) => this.system.timers.drop((process) => process.cell.actor === actor),
    });
    this.starter = new ActorStarter({ ...shared, places: this.places, doingOf: setup.doingOf });
    this.failures = new LinkFailures(base);
    const linkIo = new LinkIo(this.failures);
    const feedReader = new FeedReader(shared, linkIo);
    this.spawn = new SpawnActor({
      ...shared,
      addActor: (actor) => this.starter.start(this.starter.make(actor)),
      stopActor: (actor, reason) => {
        this.places.stop(actor, reason);
        this.system.timers.drop((process) => process.cell.actor === actor);
      },
      openFeed: (link, actor) => this.links.addFeed(link, actor),
      give: (actor, payload) => feedReader.give(actor, payload),
    });
    base.streams.onRecord = (name, payload) => {
      for (const actor of this.spawn.dependentsOf(name)) feedReader.give(actor, payload);
    };
    this.system = new SystemActors({
      ...shared,
      spawn: this.spawn,
      save: (address, json) => {
        base.states.save(address, json);
        setup.journal?.save(address, json);
      },
    });
    this.links = new Links({
      ...shared,
      linkIo,
      feedReader,
      lines: new LineHandler({ ...shared, system: this.system, results: this.results }),
      onFeedRead: (feed) => this.spawn.noteRead(feed),
    });
  }
}

/** What needs no other part, and most others need: who there is, what is kept, the time of a turn. */
function makeBase({ run, tracing, checks, tell, journal, ...setup }: EngineSetup, io: DescriptorIo) {
  const ids = new MessageIds(randomUUID());
  const clock = { time: performance.now() };
  const store = new MailStore({ blocks: setup.blocks, io });
  const states = new KeptStates({
    memoryBytes: Math.min(STATES_BYTES, setup.memoryBytes * MAILBOX_SHARE),
    spill: setup.stateSpill,
    leftOf: setup.leftover.stateOf,
    onNoRoom: (address, cause) => {
      const [actor = ""] = address.split("/");
      tell({ type: "no-room", what: "states", actor, cause });
    },
  });
  return {
    ids,
    origins: new Origins(ids),
    directory: new Directory(),
    streams: new Streams(),
    heap: new TimerHeap(),
    room: new MailRoom({ memoryBytes: setup.memoryBytes, store }),
    states,
    stateOf: (address: string): string | undefined => states.get(address),
    journal,
    endpoint: `sluice://${run}`,
    tracing: new TraceGate(tracing),
    checks,
    tell,
    clock,
    now: (): number => clock.time,
    nextLook: new NextLook(),
  };
}
