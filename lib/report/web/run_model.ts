/**
 * A run as the page shows it, kept up to date by its events. What has changed is taken as often as somebody looks;
 * however much happens in between, what is kept and what is taken is bounded.
 *
 *   events ──▶ note ──▶ records, tails ──▶ whole() for who has just come
 *                                     └──▶ take() for all others
 */
import type { RunEvent } from "../../core/event.ts";
import { formatFailure } from "../text/failure_text.ts";
import { ActorLines } from "./actor_lines.ts";
import { ActorModel } from "./actor_model.ts";
import { EdgeModel } from "./edge_model.ts";
import { MailModel } from "./mail_model.ts";
import type { PageActor } from "./page_actor.ts";
import type { PageChange } from "./page_change.ts";
import type { PageLayout } from "./page_layout.ts";
import type {
  PageEdge,
  PageFailure,
  PageGroup,
  PageMore,
  PageOutput,
  PageRun,
  PageRunState,
  PageStream,
} from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";
import { Records, Tail } from "./records.ts";
import { RingModel } from "./ring_model.ts";
import { WaitModel } from "./wait_model.ts";

/** In one change: the others come with the next one. */
const CHANGED_MAX = 2_000;

type EventOf<Type extends RunEvent["type"]> = RunEvent & { readonly type: Type };

export class RunModel {
  readonly #start: PageRun;
  readonly #run = new Records<"run", PageRunState & { readonly key: "run" }>("key", 1);
  readonly #actors = new Records<string, PageActor>("name", PAGE_LIMITS.actors);
  readonly #groups = new Records<string, PageGroup>("name", PAGE_LIMITS.actors);
  readonly #edges = new Records<number, PageEdge>("id", PAGE_LIMITS.edges);
  readonly #outputs = new Records<string, PageOutput>("target", PAGE_LIMITS.actors);
  readonly #failures = new Tail<PageFailure>(PAGE_LIMITS.failures);
  readonly #lines = new ActorLines();
  readonly #mail: MailModel;
  readonly #waits = new WaitModel(this.#actors, this.#edges);
  readonly #rings = new RingModel(this.#edges);
  readonly #flow = new EdgeModel(this.#edges, this.#actors);
  readonly #life = new ActorModel({
    actors: this.#actors,
    groups: this.#groups,
    waits: this.#waits,
    edges: this.#flow,
  });
  #layout: PageLayout | undefined;
  #hasLayoutChanged = false;
  #streams: readonly PageStream[];
  #toldMore = "";

  constructor(start: PageRun) {
    this.#start = start;
    this.#run.add("run", { key: "run", ...start.run });
    for (const actor of start.actors) this.#actors.add(actor.name, actor);
    for (const group of start.groups) this.#groups.add(group.name, group);
    for (const edge of start.edges) this.#edges.add(edge.id, edge);
    for (const output of start.outputs) this.#outputs.add(output.target, output);
    this.#layout = start.layout;
    this.#streams = start.streams;
    this.#mail = new MailModel(start.talks, (address) => this.#actorOf(address));
    this.settle();
  }

  /** As it is now. */
  whole(): PageRun {
    this.#noteMail();
    const { key: _, ...run } = this.#run.get("run") ?? { key: "run", ...this.#start.run };
    return {
      ...this.#start,
      run,
      actors: this.#actors.list().map((actor) => ({ ...actor, stderr: this.#lines.of(actor.name) })),
      groups: this.#groups.list(),
      edges: this.#edges.list(),
      talks: this.#mail.listTalks(),
      outputs: this.#outputs.list(),
      failures: this.#failures.list(),
      growths: this.#rings.growths.list(),
      undelivered: this.#mail.undelivered.list(),
      rings: this.#rings.rings.list(),
      pieces: this.#waits.pieces.list(),
      messages: this.#mail.messages.list(),
      streams: this.#streams,
      ...this.#layout === undefined ? {} : { layout: this.#layout },
      more: this.#more(),
    };
  }

  /** What has changed since it was last asked; undefined when nothing has. */
  take(): PageChange | undefined {
    this.#noteMail();
    const more = this.#more();
    const [run] = this.#run.take(1);
    const { key: _, ...runFields } = run ?? {};
    const talks = this.#mail.takeTalks();
    const text = JSON.stringify(more);
    const change: PageChange = {
      ...run === undefined ? {} : { run: runFields },
      // Each has its name: it is told with every change.
      ...some("actors", this.#actors.take(CHANGED_MAX).map(({ stderr: _, ...actor }) => actor)),
      ...some("stderr", this.#lines.take(CHANGED_MAX)),
      ...some("groups", this.#groups.take(CHANGED_MAX)),
      ...some("edges", this.#edges.take(CHANGED_MAX)),
      ...some("outputs", this.#outputs.take(CHANGED_MAX)),
      ...some("pieces", this.#waits.pieces.take(CHANGED_MAX)),
      ...some("failures", this.#failures.take()),
      ...some("growths", this.#rings.growths.take()),
      ...some("undelivered", this.#mail.undelivered.take()),
      ...some("rings", this.#rings.rings.take()),
      ...some("messages", this.#mail.messages.take()),
      ...talks === undefined ? {} : { talks },
      ...this.#hasLayoutChanged && this.#layout !== undefined ? { layout: this.#layout } : {},
      ...text === this.#toldMore ? {} : { more },
    } as PageChange;
    this.#hasLayoutChanged = false;
    this.#toldMore = text;
    return Object.keys(change).length === 0 ? undefined : change;
  }

  /** Whoever looks has all of it. */
  settle(): void {
    this.#noteMail();
    for (const records of [this.#run, this.#actors, this.#groups, this.#edges, this.#outputs]) {
      records.settle();
    }
    this.#waits.pieces.settle();
    const { messages, undelivered } = this.#mail;
    for (const tail of [this.#failures, this.#rings.growths, this.#rings.rings, messages, undelivered]) {
      tail.settle();
    }
    this.#lines.settle();
    this.#mail.takeTalks();
    this.#hasLayoutChanged = false;
    this.#toldMore = JSON.stringify(this.#more());
  }

  get hasEnded(): boolean {
    return this.#run.get("run")?.endedAt !== undefined;
  }

  setLayout(layout: PageLayout): void {
    this.#layout = layout;
    this.#hasLayoutChanged = true;
  }

  get layout(): PageLayout | undefined {
    return this.#layout;
  }

  setStreams(streams: readonly PageStream[]): void {
    this.#streams = streams;
  }

  /** What an actor has said: lines with line breaks between them. */
  noteStderr(actor: string, text: string): void {
    if (this.#actors.get(actor) === undefined) return;
    this.#actors.change(actor, { stderrCount: this.#lines.add(actor, text) });
  }

  /** Somebody has halted an actor, or lets it go on. */
  notePaused(actor: string, { isPaused, at }: { readonly isPaused: boolean; readonly at: number }): void {
    if (isPaused) this.#waits.begin(actor, "paused", { at });
    else if (this.#waits.doing(actor) === "paused") this.#waits.end(actor, at);
  }

  note(event: RunEvent): void {
    this.#run.change("run", { at: event.at });
    switch (event.type) {
      case "run-started":
        return this.#run.change("run", { id: event.run, startedAt: event.at });
      case "actor-started":
        return this.#life.start(event);
      case "stderr":
        return this.noteStderr(event.actor, event.line);
      case "progress":
        return this.#noteProgress(event);
      case "edges":
        return this.#noteEdges(event);
      case "actor-retried":
        this.#actors.change(event.actor, { attempts: event.attempt, attemptsMax: event.attemptsMax });
        return this.#waits.begin(event.actor, "rest", { at: event.at });
      case "actor-restarted": {
        const restarts = (this.#actors.get(event.actor)?.restarts ?? 0) + 1;
        return this.#actors.change(event.actor, { restarts });
      }
      case "actor-state":
        return this.#life.noteLife(event);
      case "actor-spawned":
        return this.#life.addSpawned(event);
      case "worker-ended":
        return this.#life.endWorker(event);
      case "actor-ended":
        return this.#life.end(event);
      case "failure":
        this.#rings.noteFailure(event);
        return this.#noteFailure(event);
      case "buffer-grown":
      case "mailbox-grown":
      case "ask-ring":
        return this.#rings.note(event);
      case "message":
        return this.#mail.note(event);
      case "mailboxes":
        return this.#mail.noteMailboxes(event.actors);
      case "stopping":
        return this.#run.change("run", { state: "stopping", stopping: event.signal ?? event.reason });
      case "output":
        return this.#noteOutput(event);
      case "run-ended":
        this.#waits.endAll(event.at);
        return this.#run.change("run", {
          state: event.state,
          exitCode: event.exitCode,
          endedAt: event.at,
        });
      case "message-dead":
        return this.#mail.noteUndelivered(event);
      case "unit-retried":
      case "pipe-waiting":
      case "finishing":
      case "message-broken":
      case "actor-log":
        return;
    }
  }

  #noteProgress({ actors, at }: EventOf<"progress">): void {
    for (const [name, progress] of Object.entries(actors)) this.#life.noteProgress(name, { progress, at });
    this.#flow.tick(at);
  }

  #noteEdges({ edges, waits, at }: EventOf<"edges">): void {
    for (const edge of edges) this.#flow.note(edge, at);
    for (const { actor, does, edge } of waits) {
      const doing = this.#waits.doing(actor);
      if (doing === "paused" || doing === "rest") continue;
      if (does === undefined) this.#waits.end(actor, at);
      else this.#waits.begin(actor, does, { at, ...edge === undefined ? {} : { edge } });
    }
  }

  #noteFailure({ failure, at }: EventOf<"failure">): void {
    this.#failures.add({
      at,
      kind: failure.kind,
      ..."actor" in failure && failure.actor !== undefined ? { actor: failure.actor } : {},
      text: formatFailure(failure, { color: false }).trimEnd(),
    });
  }

  #noteOutput({ output: { target, isKept, bytes, files } }: EventOf<"output">): void {
    this.#outputs.change(target, {
      isKept,
      ...bytes === undefined ? {} : { bytes },
      ...files === undefined ? {} : { files },
    });
  }

  #noteMail(): void {
    for (const [actor, messages] of this.#mail.takeMailboxes()) this.#actors.change(actor, { messages });
  }

  /** Of an instance of a keyed actor it is the actor. */
  #actorOf(address: string): string {
    if (this.#actors.get(address) !== undefined) return address;
    const name = address.slice(0, Math.max(0, address.lastIndexOf("/")));
    return this.#actors.get(name) === undefined ? "" : name;
  }

  #more(): PageMore {
    const { more } = this.#start;
    return {
      actors: more.actors + this.#actors.more,
      edges: more.edges,
      messages: this.#mail.messages.more,
      pieces: this.#waits.more,
      failures: this.#failures.more,
    };
  }
}

function some<Name extends string, Value>(name: Name, values: readonly Value[]): object {
  return values.length === 0 ? {} : { [name]: values };
}
