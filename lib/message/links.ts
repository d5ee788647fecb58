/**
 * All links of the bus, and whose they are: which are to be read, and which are to be written.
 *
 *   processes ──read──▶ lines       lines ──write──▶ processes
 *   feeds     ──read──▶ records     records ─write──▶ streams of records
 */
import type { EngineBase } from "./actors/engine_base.ts";
import { ActorProcess } from "./actors/actor_process.ts";
import { Feed } from "./actors/feed.ts";
import type { LineSource } from "./actors/line_source.ts";
import type { MessageActor } from "./actors/message_actor.ts";
import { RecordStream } from "./actors/streams.ts";
import type { Delivery } from "./delivery/delivery.ts";
import { describeTooLong } from "./mail/too_long.ts";
import type { LineHandler } from "./lines/line_handler.ts";
import type { LinkIn, LinkOut } from "./link/link.ts";
import type { LinkIo } from "./lives/link_io.ts";
import type { FeedReader } from "./records/feed_reader.ts";

export interface LinksContext extends Pick<EngineBase, "directory" | "streams" | "now"> {
  readonly linkIo: LinkIo;
  readonly delivery: Delivery;
  readonly lines: LineHandler;
  readonly feedReader: FeedReader;
  /** All that comes from a stream to actors was read. */
  readonly onFeedRead: (feed: Feed) => void;
}

export class Links {
  readonly #context: LinksContext;
  readonly processes = new Map<number, ActorProcess>();
  readonly feeds = new Set<Feed>();
  readonly #readable = new Set<LineSource>();

  constructor(context: LinksContext) {
    this.#context = context;
  }

  /** True while there is something to be read, as far as it is known. */
  get isReadable(): boolean {
    return this.#readable.size > 0;
  }

  addProcess(process: ActorProcess): void {
    this.processes.set(process.id, process);
    const { linkIo, delivery } = this.#context;
    process.stdin.link.listen(() => delivery.outbox.unwritten.add(process));
    linkIo.listen(process, (isBroken) => this.#noteReadable(process, isBroken));
    this.#readable.add(process);
  }

  /** A stream comes to an actor; `skipped`: how many records an engine before this one has taken already. */
  addFeed(link: LinkIn, actor: MessageActor, skipped?: number): Feed {
    const feed = new Feed({ link, actor, skipped });
    this.feeds.add(feed);
    this.#context.linkIo.listen(feed, (isBroken) => this.#noteReadable(feed, isBroken));
    this.#readable.add(feed);
    return feed;
  }

  /** Somebody reads an actor's stdout stream. */
  addStream(link: LinkOut, actor: string): void {
    const { streams } = this.#context;
    const stream = new RecordStream(link);
    streams.byActor.set(actor, stream);
    link.listen(() => streams.unwritten.add(stream));
  }

  #noteReadable(source: LineSource, isBroken: boolean): void {
    source.isReadable = true;
    source.isBroken ||= isBroken;
    this.#readable.add(source);
  }

  /** It is read again: what had no room has some now, or it may have written its last. */
  resume(source: LineSource): void {
    this.#readable.add(source);
  }

  /** True when all that a process has written, and will ever write, was handled. */
  isRead(process: ActorProcess): boolean {
    if (process.isPaused || this.#readable.has(process)) return false;
    return !process.isReadable || process.isAtEnd;
  }

  /** Reads once from everything that can be read. */
  read(): void {
    for (const source of this.#readable) this.#read(source);
  }

  #read(source: LineSource): void {
    if (source.isPaused) {
      this.#readable.delete(source);
      return;
    }
    if (source instanceof Feed) this.#context.feedReader.read(source);
    else if (source instanceof ActorProcess) this.#readProcess(source);
    if (!source.isReadable || source.isPaused || source.isAtEnd) this.#readable.delete(source);
    const isRead = source.isAtEnd && !source.isPaused && source.input.length === 0;
    if (isRead && source instanceof Feed) this.#endFeed(source);
  }

  #readProcess(process: ActorProcess): void {
    const { linkIo, lines, now } = this.#context;
    const { lineBytesMax } = process.cell.actor.messaging;
    const count = linkIo.read(process, {
      lineBytesMax,
      onLine: (bytes, start, end) => lines.handle(process, bytes, { start, end }),
      onTooLong: (line) => {
        lines.broken.note(process, { problem: `it ${describeTooLong(process.cell.actor)}`, line });
      },
    });
    if (count === 0) return;
    process.moved += count;
    process.looks.starvedMs = process.looks.starvedAt = 0;
    process.lastAt = now();
    process.mayAnswer = false;
  }

  #endFeed(feed: Feed): void {
    this.feeds.delete(feed);
    feed.link.close();
    this.#context.onFeedRead(feed);
  }

  /** Nobody is there for what still comes: its writers see that. */
  dropFeeds(): void {
    const { delivery, directory } = this.#context;
    for (const feed of this.feeds) {
      for (const { waiting } of directory.cells) waiting.delete(feed);
      delivery.resumed.delete(feed);
      this.#readable.delete(feed);
      this.#endFeed(feed);
    }
  }

  /** Writes what waits for processes and in streams of records, as far as the links take it. */
  write(): void {
    const { delivery: { dirty, outbox: { unwritten } }, linkIo, streams, now } = this.#context;
    for (const process of unwritten) {
      unwritten.delete(process);
      const { stdin, cell } = process;
      if (stdin.isClosed) continue;
      if (!linkIo.write(process)) stdin.drop(); // It ends, or reads no more: its end tells.
      if (process.isRemote) process.inFlight.noteUnread(stdin.unread, now());
      if (!stdin.isEmpty) continue;
      if (!stdin.isOpen) stdin.close();
      else if (cell.mailbox.length > 0 || cell.waiting.size > 0) dirty.add(cell);
    }
    for (const stream of streams.unwritten) this.#writeStream(stream);
  }

  #writeStream(stream: RecordStream): void {
    this.#context.streams.unwritten.delete(stream);
    if (!this.#context.linkIo.writeRecords(stream)) stream.end();
    if (!stream.isEmpty) return;
    for (const process of stream.waiting) {
      process.isStreamFull = false;
      this.#readable.add(process);
    }
    stream.waiting.clear();
    if (stream.isEnded) stream.link.close();
  }

  /** No more records come from an actor: its stream ends when it is written. */
  endStream(actor: string): void {
    const { streams } = this.#context;
    const stream = streams.byActor.get(actor);
    if (stream === undefined || stream.isEnded) return;
    stream.isEnded = true;
    streams.unwritten.add(stream);
    this.write();
  }

  /** A process is there no more. */
  forget(process: ActorProcess): void {
    this.processes.delete(process.id);
    this.#readable.delete(process);
    this.#context.delivery.outbox.unwritten.delete(process);
    process.stdin.close();
    process.link.close();
  }

  /** Lets go of everything. */
  close(): void {
    for (const process of this.processes.values()) this.forget(process);
    for (const { link } of this.feeds) link.close();
    for (const { link } of this.#context.streams.byActor.values()) link.close();
  }
}
