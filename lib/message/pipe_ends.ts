/**
 * The engine's ends of all pipes: which are to be read, which are to be written, and whose they are.
 *
 *   processes ──read──▶ lines       lines ──write──▶ processes
 *   feeds     ──read──▶ records     records ─write──▶ streams of records
 */
import type { EngineBase } from "./actors/engine_base.ts";
import type { Readiness, RelayIo } from "../host/relay_io/relay_io.ts";
import { ActorProcess } from "./actors/actor_process.ts";
import { Feed } from "./actors/feed.ts";
import type { LineSource } from "./actors/line_source.ts";
import type { MessageActor } from "./actors/message_actor.ts";
import { RecordStream } from "./actors/streams.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { LineHandler } from "./lines/line_handler.ts";
import type { PipeEnd } from "./lives/pipe_failures.ts";
import type { ProcessIo } from "./lives/process_io.ts";
import type { FeedReader } from "./records/feed_reader.ts";

export interface PipeEndsContext extends Pick<EngineBase, "directory" | "streams" | "now"> {
  readonly io: RelayIo;
  readonly processIo: ProcessIo;
  readonly delivery: Delivery;
  readonly lines: LineHandler;
  readonly feedReader: FeedReader;
  /** All that comes through a pipe to actors was read. */
  readonly onFeedRead: (fd: number) => void;
}

export class PipeEnds {
  readonly #context: PipeEndsContext;
  readonly processes = new Map<number, ActorProcess>();
  readonly feeds = new Set<Feed>();
  readonly #byFd = new Map<number, PipeEnd>();
  readonly #readable = new Set<LineSource>();

  constructor(context: PipeEndsContext) {
    this.#context = context;
  }

  /** True while there is something to be read, as far as it is known. */
  get isReadable(): boolean {
    return this.#readable.size > 0;
  }

  addProcess(process: ActorProcess): void {
    this.processes.set(process.id, process);
    this.#byFd.set(process.stdin.fd, process);
    this.#byFd.set(process.outFd, process);
    this.#context.processIo.watch(process, process.outFd);
    this.#readable.add(process);
  }

  /** A stream comes to an actor; `skipped`: how many records an engine before this one has taken already. */
  addFeed(
    fd: number,
    actor: MessageActor,
    skipped?: number,
  ): { readonly add: (actor: MessageActor) => void } {
    const feed = new Feed({ fd, actor, skipped });
    this.feeds.add(feed);
    this.#byFd.set(fd, feed);
    this.#context.processIo.watch(feed, fd);
    this.#readable.add(feed);
    return { add: (other) => void feed.actors.push(other) };
  }

  /** Somebody reads an actor's stdout stream. */
  addStream(fd: number, actor: string): void {
    const stream = new RecordStream(fd);
    this.#context.streams.byActor.set(actor, stream);
    this.#byFd.set(fd, stream);
  }

  /** Something may have become ready. */
  note({ fd, isBroken }: Readiness): void {
    const owner = this.#byFd.get(fd);
    if (owner === undefined) return;
    const { streams, delivery } = this.#context;
    if (owner instanceof RecordStream) streams.unwritten.add(owner);
    else if (owner instanceof Feed || fd === owner.outFd) {
      owner.isReadable = true;
      owner.isBroken ||= isBroken;
      this.#readable.add(owner);
    } else delivery.outbox.unwritten.add(owner);
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
    const { processIo, lines, now } = this.#context;
    const { lineBytesMax } = process.cell.actor.messaging;
    const count = processIo.read(process, {
      fd: process.outFd,
      lineBytesMax,
      onLine: (bytes, start, end) => lines.handle(process, bytes, { start, end }),
      onTooLong: (line) => {
        lines.broken.note(process, { problem: `it is longer than ${lineBytesMax} bytes`, line });
      },
    });
    if (count === 0) return;
    process.moved += count;
    process.looks.starvedMs = process.looks.starvedAt = 0;
    process.lastAt = now();
  }

  #endFeed(feed: Feed): void {
    this.feeds.delete(feed);
    this.#close(feed.fd, { isWatched: true });
    this.#context.onFeedRead(feed.fd);
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

  /** Writes what waits for processes and in streams of records, as far as the pipes take it. */
  write(): void {
    const { delivery: { dirty, outbox: { unwritten } }, processIo, streams } = this.#context;
    for (const process of unwritten) {
      unwritten.delete(process);
      const { stdin, cell } = process;
      if (stdin.isClosed) continue;
      if (!processIo.write(process)) stdin.drop(); // It ends, or reads no more: its end tells.
      if (!stdin.isEmpty) continue;
      if (!stdin.isOpen) this.#closeInput(process);
      else if (cell.mailbox.length > 0 || cell.waiting.size > 0) dirty.add(cell);
    }
    for (const stream of streams.unwritten) this.#writeStream(stream);
  }

  #writeStream(stream: RecordStream): void {
    this.#context.streams.unwritten.delete(stream);
    if (stream.fd < 0) return;
    if (!this.#context.processIo.writeRecords(stream)) stream.end();
    if (!stream.isEmpty) return;
    for (const process of stream.waiting) {
      process.isStreamFull = false;
      this.#readable.add(process);
    }
    stream.waiting.clear();
    if (stream.isEnded && this.#byFd.has(stream.fd)) this.#close(stream.fd, { isWatched: stream.isFull });
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

  #closeInput({ stdin }: ActorProcess): void {
    if (stdin.isClosed) return;
    stdin.close();
    this.#close(stdin.fd, { isWatched: stdin.isFull });
  }

  /** A process is there no more. */
  forget(process: ActorProcess): void {
    this.processes.delete(process.id);
    this.#readable.delete(process);
    this.#context.delivery.outbox.unwritten.delete(process);
    this.#closeInput(process);
    this.#close(process.outFd, { isWatched: true });
  }

  /** Lets go of everything. */
  close(): void {
    for (const process of this.processes.values()) this.forget(process);
    for (const fd of [...this.#byFd.keys()]) this.#close(fd, { isWatched: false });
  }

  #close(fd: number, { isWatched }: { readonly isWatched: boolean }): void {
    const { io } = this.#context;
    if (isWatched) io.forget(fd);
    this.#byFd.delete(fd);
    io.close(fd);
  }
}
