/**
 * Reads what is to be captured from pipes and files and cuts it into chunks. Everybody gets a turn, nobody is waited
 * for, and only begun chunks are held in memory.
 */
import { CAPTURE_CHUNK_BYTES, CAPTURE_CHUNKS_MAX, CAPTURE_TURN_BYTES } from "../../core/limits/store.ts";
import { FILES_OPEN_MAX } from "../../core/limits/streams.ts";
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import { describeSystemError } from "../../host/system_error.ts";

export interface CapturedStreamsHooks {
  /** The bytes are only lent. */
  readonly onChunk: (stream: number, bytes: Uint8Array) => void;
  /** A stream is there as a whole. */
  readonly onComplete: (stream: number) => void;
  /** A stream could not be read: it is never there as a whole. */
  readonly onUnread: (error: { readonly errno: string; readonly reason: string }) => void;
}

interface Source {
  readonly fd: number;
  readonly stream: number;
  readonly kind: "pipe" | "file";
  /** Where a file is read on. */
  at: number;
  /** The begun chunk. */
  chunk: { readonly buffer: Uint8Array; filled: number } | undefined;
}

export class CapturedStreams {
  readonly #io: DescriptorIo;
  readonly #hooks: CapturedStreamsHooks;
  readonly #sources = new Map<number, Source>();
  /** Those that may have something to be read. */
  readonly #readable = new Set<Source>();
  /** Those with a begun chunk. */
  readonly #begun = new Set<Source>();
  readonly #spare: Uint8Array[] = [];
  /** Files that are opened when others have been read: a flow may have thousands. */
  readonly #queued: { readonly stream: number; readonly path: string; readonly from: number }[] = [];
  #filesOpen = 0;
  /** Of a pipe both have to be known: that the stream has ended well, and that all of it was read. */
  readonly #halfEnded = new Set<number>();
  #isSettling = false;

  constructor(io: DescriptorIo, hooks: CapturedStreamsHooks) {
    this.#io = io;
    this.#hooks = hooks;
  }

  /** True when there is nothing to be read now. */
  get isIdle(): boolean {
    return this.#readable.size === 0 && this.#queued.length === 0;
  }

  get hasBegun(): boolean {
    return this.#begun.size > 0;
  }

  /** True when everything is read and closed that there was to `settle`. */
  get isSettled(): boolean {
    return this.#isSettling && this.#sources.size === 0 && this.#queued.length === 0;
  }

  /** Reads a pipe, which belongs to it from now on. */
  addPipe(stream: number, fd: number): void {
    this.#add({ fd, stream, kind: "pipe", at: 0, chunk: undefined });
    this.#io.watch(fd);
  }

  /** Reads a file from a position on. What cannot be opened is never complete. */
  addFile(stream: number, { path, from }: { readonly path: string; readonly from: number }): void {
    this.#queued.push({ stream, path, from });
  }

  #openFiles(): void {
    while (this.#filesOpen < FILES_OPEN_MAX) {
      const next = this.#queued.shift();
      if (next === undefined) return;
      const fd = this.#attempt(() => this.#io.open(next.path, "read"));
      if (fd === undefined) continue;
      this.#filesOpen += 1;
      this.#add({ fd, stream: next.stream, kind: "file", at: next.from, chunk: undefined });
    }
  }

  #add(source: Source): void {
    this.#sources.set(source.fd, source);
    this.#readable.add(source);
  }

  /** The stream of a pipe has ended as its writer wanted. */
  noteEnded(stream: number): void {
    if (this.#halfEnded.delete(stream)) this.#hooks.onComplete(stream);
    else this.#halfEnded.add(stream);
  }

  /** Something may be there to be read. */
  note(fd: number): void {
    const source = this.#sources.get(fd);
    if (source !== undefined) this.#readable.add(source);
  }

  /** Reads what is there, each for a turn. */
  turn(): void {
    this.#openFiles();
    for (const source of this.#readable) {
      for (let read = 0; read < CAPTURE_TURN_BYTES;) {
        const count = this.#read(source);
        if (count <= AT_END) {
          this.#readable.delete(source);
          if (count === AT_END) this.#end(source);
          else if (this.#isSettling) this.#drop(source);
          break;
        }
        read += count;
      }
    }
  }

  #read(source: Source): Moved {
    const chunk = source.chunk ??= { buffer: this.#takeBuffer(), filled: 0 };
    this.#begun.add(source);
    const room = chunk.buffer.subarray(chunk.filled);
    const count = this.#attempt(() =>
      source.kind === "file"
        ? this.#io.readAt(source.fd, { buffer: room, offset: source.at })
        : this.#io.read(source.fd, room)
    );
    // A file that cannot be read on stays as it is, without its end.
    if (count === undefined) {
      this.#drop(source);
      return NOT_NOW;
    }
    if (count > 0) {
      source.at += count;
      chunk.filled += count;
    }
    if (chunk.filled === chunk.buffer.length || chunk.filled === 0) this.#flush(source);
    return count;
  }

  #takeBuffer(): Uint8Array {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    // All others are in use: they are handed on as they are.
    if (this.#begun.size >= CAPTURE_CHUNKS_MAX) this.flush();
    return this.#spare.pop() ?? new Uint8Array(CAPTURE_CHUNK_BYTES);
  }

  /** Hands on all begun chunks. */
  flush(): void {
    for (const source of this.#begun) this.#flush(source);
  }

  #flush(source: Source): void {
    const { chunk, stream } = source;
    this.#begun.delete(source);
    if (chunk === undefined) return;
    source.chunk = undefined;
    this.#spare.push(chunk.buffer);
    if (chunk.filled > 0) this.#hooks.onChunk(stream, chunk.buffer.subarray(0, chunk.filled));
  }

  #end(source: Source): void {
    this.#drop(source);
    if (source.kind === "pipe") this.noteEnded(source.stream);
    else this.#hooks.onComplete(source.stream);
  }

  #drop(source: Source): void {
    this.#flush(source);
    this.#readable.delete(source);
    if (!this.#sources.delete(source.fd)) return;
    if (source.kind === "file") this.#filesOpen -= 1;
    else this.#io.forget(source.fd);
    this.#io.close(source.fd);
  }

  /** Nobody writes any more: what is still there is read, then everything is closed. */
  settle({ wantsFiles }: { readonly wantsFiles: boolean }): void {
    this.#isSettling = true;
    if (!wantsFiles) this.#queued.length = 0;
    for (const source of this.#sources.values()) {
      if (source.kind === "file" && !wantsFiles) this.#drop(source);
      else this.#readable.add(source);
    }
  }

  /** Undefined for an error of the system: the stream stays without its end, and that is told. */
  #attempt(action: () => number): number | undefined {
    try {
      return action();
    } catch (error) {
      this.#hooks.onUnread(describeSystemError(error));
      return undefined;
    }
  }
}
