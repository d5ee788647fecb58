/**
 * Reading lines from processes and streams, and writing what waits for them.
 */
import { MESSAGE_TURN_BYTES } from "../../core/limits/message.ts";
import type { Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import { Feed } from "../actors/feed.ts";
import type { Outgoing } from "../actors/outgoing.ts";
import type { Carried, LinkFailures } from "./link_failures.ts";
import type { RecordStream } from "../actors/streams.ts";

/** Something lines are read from. */
type ReadEnd = ActorProcess | Feed;

export interface LineReaderOptions {
  readonly lineBytesMax: number;
  /** The line from `start` to `end`, where its line break is. */
  readonly onLine: (bytes: Uint8Array, start: number, end: number) => void;
  /** A line is longer than it may be; this is how it begins. */
  readonly onTooLong: (line: Uint8Array) => void;
}

const LINE_BREAK = 0x0a;

export class LinkIo {
  readonly #failures: Pick<LinkFailures, "note">;
  /** What is read lies here first, so that a source with nothing begun needs no room of its own. */
  readonly #shared = new Uint8Array(MESSAGE_TURN_BYTES);

  constructor(failures: Pick<LinkFailures, "note">) {
    this.#failures = failures;
  }

  /** Calls from now on when there may be something to be read. */
  listen(source: ReadEnd, onReady: (isBroken: boolean) => void): void {
    this.#attemptToRead(source, () => {
      source.link.listen(onReady);
      return NOT_NOW;
    });
  }

  /** Reads once, and gives out all whole lines. Gives the number of bytes that were read. */
  read(source: ReadEnd, options: LineReaderOptions): number {
    const { input } = source;
    if (input.length > 0 && !source.isPaused) this.#giveBuffered(source, options);
    if (source.isPaused || !source.isReadable || source.isAtEnd) return 0;
    const isFresh = input.length === 0;
    if (!isFresh) input.reserve(MESSAGE_TURN_BYTES);
    const into = isFresh ? this.#shared : input.bytes.subarray(input.end, input.end + MESSAGE_TURN_BYTES);
    const count = this.#attemptToRead(source, () => source.link.read(into));
    if (count === undefined) return 0;
    // A pipe that gave less than there was room for is empty; a later write is told.
    if (count < into.length && !source.isBroken) source.isReadable = false;
    if (count === NOT_NOW) return 0;
    if (count === AT_END || count === GONE) {
      this.#end(source, options);
      return 0;
    }
    if (isFresh) {
      const at = this.#give(source, this.#shared.subarray(0, count), { ...options, start: 0 });
      if (at < count) this.#keep(source, this.#shared.subarray(at, count), options);
    } else {
      const from = input.end;
      input.end += count;
      this.#giveBuffered(source, options, from);
    }
    return count;
  }

  /** What cannot be read is at its end; undefined then. What was read of a line is none. */
  #attemptToRead(source: ReadEnd, action: () => Moved): Moved | undefined {
    try {
      return action();
    } catch (error) {
      this.#failures.note(source, { does: source instanceof Feed ? "reads" : "writes", error });
      source.isAtEnd = true;
      source.isReadable = false;
      source.input.clear();
      return undefined;
    }
  }

  #giveBuffered(source: ReadEnd, options: LineReaderOptions, from = source.input.start): void {
    const { input } = source;
    const at = this.#give(source, input.bytes.subarray(0, input.end), {
      ...options,
      start: input.start,
      from,
    });
    input.take(at - input.start);
    if (!source.isPaused) this.#cut(source, options);
  }

  /** Gives out the whole lines; gives where the rest begins. */
  #give(
    source: ReadEnd,
    bytes: Uint8Array,
    { start, from = start, ...options }: LineReaderOptions & {
      readonly start: number;
      readonly from?: number;
    },
  ): number {
    let at = start;
    let end = bytes.indexOf(LINE_BREAK, from);
    while (end >= 0) {
      if (source.isSkipping) source.isSkipping = false;
      else if (end - at > options.lineBytesMax) options.onTooLong(bytes.subarray(at, end));
      else options.onLine(bytes, at, end);
      at = end + 1;
      if (source.isPaused) return at;
      end = bytes.indexOf(LINE_BREAK, at);
    }
    return at;
  }

  #keep(source: ReadEnd, rest: Uint8Array, options: LineReaderOptions): void {
    if (source.isSkipping && !source.isPaused) return;
    source.input.put(rest);
    if (!source.isPaused) this.#cut(source, options);
  }

  /** A line that is too long already is not kept. */
  #cut(source: ReadEnd, options: LineReaderOptions): void {
    const { input } = source;
    if (source.isSkipping) input.clear();
    else if (input.length > options.lineBytesMax) {
      source.isSkipping = true;
      options.onTooLong(input.bytes.subarray(input.start, input.end));
      input.clear();
    }
  }

  /** The last line may have no line break. */
  #end(source: ReadEnd, options: LineReaderOptions): void {
    const { input } = source;
    source.isAtEnd = true;
    source.isReadable = false;
    if (input.length === 0 || source.isSkipping) return;
    source.isTorn = true;
    input.put(new Uint8Array([LINE_BREAK]));
    this.#giveBuffered(source, options);
  }

  /** Writes what waits for a process. False when nobody reads it any more, or it cannot be written. */
  write(process: ActorProcess): boolean {
    const { stdin } = process;
    return this.#write(stdin, {
      attempt: (action) => this.#attemptToWrite(process, "reads", action),
      onWritten: (count) => process.moved += count,
    });
  }

  /** The same for a stream of records. */
  writeRecords(stream: RecordStream): boolean {
    return this.#write(stream, { attempt: (action) => this.#attemptToWrite(stream, "writes", action) });
  }

  #write(outgoing: Outgoing, { attempt, onWritten }: {
    readonly attempt: (action: () => Moved) => Moved;
    readonly onWritten?: (count: number) => void;
  }): boolean {
    const { link, bytes: out } = outgoing;
    while (out.length > 0) {
      const bytes = out.bytes.subarray(out.start, out.end);
      const count = attempt(() => link.write(bytes));
      if (count === GONE) return false;
      if (count === NOT_NOW) {
        outgoing.isFull = true;
        return true;
      }
      onWritten?.(count);
      outgoing.took(count);
    }
    outgoing.isFull = false;
    return true;
  }

  #attemptToWrite(end: ActorProcess | RecordStream, does: Carried, action: () => Moved): Moved {
    try {
      return action();
    } catch (error) {
      this.#failures.note(end, { does, error });
      return GONE;
    }
  }
}
