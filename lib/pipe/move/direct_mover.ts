/**
 * Bytes that go straight from the source of a stream to the target of a join, because nobody else wants them and the
 * target takes them: pages from pipe to pipe, without being held in between.
 */
import { asError } from "./as_error.ts";
import { PIPE_BYTES } from "../../core/limits/streams.ts";
import { isOfSource } from "../../host/descriptor_io/copying.ts";
import type { DescriptorIo, Move, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { JoinWriter } from "./join_writer.ts";
import { EMPTY, moveReady } from "../state/move_ready.ts";
import type { RelayEnds } from "../life/relay_ends.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, StreamSource } from "../state/relay_states.ts";
import { isAtEnd } from "../state/relay_states.ts";
import type { StreamReader } from "./stream_reader.ts";

type BytesSource = StreamSource & { readonly kind: "bytes" };
type OpenSource = Exclude<StreamSource, BytesSource>;

export class DirectMover {
  readonly #io: DescriptorIo;
  readonly #reader: StreamReader;
  readonly #writer: JoinWriter;
  readonly #ends: RelayEnds;
  readonly #ledger: RelayLedger;

  constructor(
    { io, reader, writer, ends, ledger }: {
      readonly io: DescriptorIo;
      readonly reader: StreamReader;
      readonly writer: JoinWriter;
      readonly ends: RelayEnds;
      readonly ledger: RelayLedger;
    },
  ) {
    this.#io = io;
    this.#reader = reader;
    this.#writer = writer;
    this.#ends = ends;
    this.#ledger = ledger;
  }

  /** Moves some bytes of an edge; how many, or that the edge is at its end, or that nothing can be moved now. */
  move(edge: EdgeState, source: StreamSource): number | "next" | "blocked" {
    if (source.kind === "bytes") return this.#moveBytes(edge, source);
    const { stream, join } = edge;
    if (!stream.isReadable) return "blocked";
    const from = this.#reader.descriptorOf(edge);
    if (from === undefined) return isAtEnd(edge) ? "next" : "blocked";
    const max = this.#reader.allow(stream, PIPE_BYTES);
    if (max === NOT_NOW) return "blocked";
    if (max === AT_END) {
      this.#ends.endStream(stream);
      return "next";
    }
    const move = { from, to: join.fd, max };
    const moved = source.kind !== "pipe" && join.isFile
      ? this.#writer.put(join, () => this.#take(edge, move))
      : this.#moveBetween(edge, { source, move });
    if (moved === undefined) return "blocked";
    if (moved === AT_END) {
      this.#ends.endStream(stream);
      return "next";
    }
    if (moved < 0) return "blocked";
    this.#ledger.passed(edge, moved);
    return moved;
  }

  #moveBytes(edge: EdgeState, { bytes }: BytesSource): number | "next" | "blocked" {
    const { stream, join } = edge;
    const rest = bytes.subarray(edge.position);
    const written = rest.length === 0 ? AT_END : this.#writer.write(join, rest);
    if (written === undefined) return "blocked";
    if (written === AT_END) this.#ends.endStream(stream);
    else if (written > 0) this.#ledger.passed(edge, written);
    return written === AT_END ? "next" : written < 0 ? "blocked" : written;
  }

  /** A source that cannot be read is at its end, and its target goes on. */
  #take({ stream }: EdgeState, move: Move): Moved {
    try {
      return this.#io.move(move);
    } catch (error) {
      if (!isOfSource(error)) throw error;
      this.#ends.endStream(stream, asError(error));
      return AT_END;
    }
  }

  #moveBetween(
    edge: EdgeState,
    { source, move }: { readonly source: OpenSource; readonly move: Move },
  ): Moved | undefined {
    const { stream, join } = edge;
    let moved: Moved;
    try {
      // A file is never empty: its end is told.
      do moved = moveReady(
        this.#io,
        { to: move.to, isToFile: join.isFile },
        () => this.#take(edge, move),
      ); while (moved === EMPTY && source.kind !== "pipe");
    } catch (error) {
      // Pipes have no errors of their own.
      if (join.isFile) this.#ends.endJoin(join, "reader-left", asError(error));
      else this.#ends.endStream(stream, asError(error));
      return undefined;
    }
    if (moved === GONE) {
      this.#ends.endJoin(join, "reader-left");
      return undefined;
    }
    if (moved === EMPTY) stream.isReadable = false;
    else if (moved === NOT_NOW) join.isWritable = false;
    return moved;
  }
}
