/**
 * The processes of bytes and the values that were spawned, as message actors depend on them: who gets their records,
 * and is told how they have ended.
 */
import { SPAWNED_KNOWN_MAX } from "../../core/limits/message.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Feed } from "../actors/feed.ts";
import type { MessageActor } from "../actors/message_actor.ts";
import type { LinkIn } from "../link/link.ts";
import type { MessageReport } from "../mail/message_report.ts";

/** What the run has made of a definition that is no message actor. It tells of pipes, where the bus has links. */
export type GrownSource<Output = LinkIn> =
  /** A process, what it writes, and those whose output it alone reads. */
  | { readonly kind: "bytes"; readonly output: Output; readonly taken: readonly string[] }
  /** Its records, as JSON. */
  | { readonly kind: "value"; readonly records: readonly string[] };

export interface GrownSourcesContext {
  readonly delivery: Delivery;
  readonly tell: (report: MessageReport) => void;
  /** Begins to read the output of a process for an actor. */
  readonly openFeed: (link: LinkIn, actor: MessageActor) => Feed;
  /** Puts a record into the mailbox of an actor. */
  readonly give: (actor: MessageActor, payload: Uint8Array) => void;
}

/** How a process has ended. */
interface SourceEnd {
  readonly state: "done" | "failed" | "stopped";
  readonly exit_code: number | null;
}

interface Source {
  readonly records: readonly string[];
  readonly output: LinkIn | undefined;
  feed: Feed | undefined;
  readonly dependents: Set<MessageActor>;
  end: SourceEnd | undefined;
  /** All of its records were read. */
  isRead: boolean;
  /** A process reads it, and nobody else can. */
  isTaken: boolean;
}

const encoder = new TextEncoder();

export class GrownSources {
  readonly #context: GrownSourcesContext;
  readonly #sources = new Map<string, Source>();
  /** Processes that have ended and were read, oldest first. */
  readonly #ended = new Map<string, Source>();

  constructor(context: GrownSourcesContext) {
    this.#context = context;
  }

  has(name: string): boolean {
    return this.#sources.has(name);
  }

  /** True for one that has not ended: its name is not free. */
  isLive(name: string): boolean {
    const source = this.#sources.get(name);
    return source !== undefined && source.end === undefined;
  }

  isTaken(name: string): boolean {
    return this.#sources.get(name)?.isTaken === true;
  }

  /** True while one lives on which somebody depends. */
  get isBusy(): boolean {
    return [...this.#sources.values()].some(({ feed, end }) => feed !== undefined && end === undefined);
  }

  add(name: string, made: GrownSource): void {
    const isValue = made.kind === "value";
    this.#sources.set(name, {
      records: isValue ? made.records : [],
      output: isValue ? undefined : made.output,
      feed: undefined,
      dependents: new Set(),
      end: isValue ? { state: "done", exit_code: null } : undefined,
      isRead: isValue,
      isTaken: false,
    });
    for (const other of isValue ? [] : made.taken) {
      const source = this.#sources.get(other);
      if (source !== undefined) source.isTaken = true;
    }
  }

  /** From now on an actor gets its records; those of a value at once. */
  connect(name: string, actor: MessageActor): void {
    const source = this.#sources.get(name);
    if (source === undefined || source.dependents.has(actor)) return;
    source.dependents.add(actor);
    if (source.output !== undefined && source.feed === undefined) {
      source.feed = this.#context.openFeed(source.output, actor);
      this.#context.tell({ type: "read-spawned", name });
    } else source.feed?.actors.push(actor);
    for (const record of source.records) this.#context.give(actor, encoder.encode(record));
    if (source.end !== undefined && source.isRead) this.#tellEnd(actor, { name, ...source.end });
  }

  /** All that a process has written was read. */
  noteRead(feed: Feed): void {
    for (const [name, source] of this.#sources) {
      if (source.feed !== feed) continue;
      source.isRead = true;
      this.#tellEnds(name, source);
    }
  }

  /** A process has ended. */
  noteEnded(name: string, end: SourceEnd): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    source.end = end;
    this.#tellEnds(name, source);
  }

  #tellEnds(name: string, source: Source): void {
    const { end, isRead, dependents } = source;
    if (end === undefined || !isRead) return;
    for (const actor of dependents) this.#tellEnd(actor, { name, ...end });
    this.#ended.set(name, source);
    if (this.#ended.size > SPAWNED_KNOWN_MAX) this.#forgetOldest();
  }

  /** Of those that have ended only the newest are remembered: a flow that serves spawns without end. */
  #forgetOldest(): void {
    for (const [name, source] of this.#ended) {
      this.#ended.delete(name);
      // Its name may be somebody else's by now.
      if (this.#sources.get(name) === source) this.#sources.delete(name);
      return;
    }
  }

  #tellEnd(actor: MessageActor, message: unknown): void {
    const { target } = actor;
    if (target.kind !== "cell") return; // Which of its instances would be meant?
    this.#context.delivery.send(target.cell, { type: "Ended", sender: "$spawn", message });
  }

  /** Lets go of what nobody has read. */
  close(): void {
    for (const { output, feed } of this.#sources.values()) {
      if (feed === undefined) output?.close();
    }
    this.#sources.clear();
  }
}
