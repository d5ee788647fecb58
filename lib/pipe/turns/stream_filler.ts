/**
 * Taking from streams what nobody takes directly: into the stream's log, as far as its edges may hold more, or away,
 * when it has no readers.
 */
import { PIPE_BYTES, TURN_BYTES } from "../../core/limits/streams.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { RelayEnds } from "../life/relay_ends.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, StreamState } from "../state/relay_states.ts";
import { baseOf, floorOf, hasHeld, isHeldBack, isLogged, isServed } from "../state/relay_states.ts";
import type { StreamReader } from "../move/stream_reader.ts";

export class StreamFiller {
  readonly #io: DescriptorIo;
  readonly #reader: StreamReader;
  readonly #ends: RelayEnds;
  readonly #ledger: RelayLedger;
  readonly #agenda: RelayAgenda;
  readonly #nullFd: number;

  constructor(
    { io, reader, ends, ledger, agenda, nullFd }: {
      readonly io: DescriptorIo;
      readonly reader: StreamReader;
      readonly ends: RelayEnds;
      readonly ledger: RelayLedger;
      readonly agenda: RelayAgenda;
      /** Where to write what nobody reads. */
      readonly nullFd: number;
    },
  ) {
    this.#io = io;
    this.#reader = reader;
    this.#ends = ends;
    this.#ledger = ledger;
    this.#agenda = agenda;
    this.#nullFd = nullFd;
  }

  /** Takes from a stream what its edges may hold, when nobody takes it directly. */
  pull(stream: StreamState): void {
    if (stream.gathered !== undefined) return stream.gathered.again();
    if (stream.phase !== "open" || !stream.isReadable) return;
    const live = stream.edges.filter((edge) => !edge.isDropped);
    if (live.length === 0) return this.#drain(stream);
    const [only] = live;
    if (!isLogged(stream)) {
      if (stream.source?.kind !== "pipe") return;
      if (only !== undefined && isServed(only) && !hasHeld(only)) return this.#agenda.addJoin(only.join);
    }
    this.#fill(stream, live);
  }

  /** Puts bytes into the stream's log. */
  #fill(stream: StreamState, live: readonly EdgeState[]): void {
    const { source, log } = stream;
    if (source === undefined || source.kind === "bytes" || source.kind === "path") return;
    const base = baseOf(stream);
    for (let turn = 0; turn < TURN_BYTES;) {
      const floor = Math.min(...live.map(floorOf));
      const given = live.filter((edge) => !isHeldBack(edge));
      let room = Math.min(...given.map((edge) => edge.position + edge.capacity)) - stream.taken;
      // The end takes no room, and asking for it may take one byte.
      const asksForEnd = room <= 0;
      if (asksForEnd && (source.kind !== "pipe" || this.#io.held(source.fd) > 0)) return;
      room = this.#reader.allow(stream, Math.max(room, 1));
      if (room === NOT_NOW) return;
      if (room === AT_END) return this.#ends.endStream(stream);
      const moved = this.#reader.attempt(
        stream,
        () => log.append(source.fd, { max: room, isBase: asksForEnd || stream.taken - floor < base }),
      );
      if (moved === undefined) return;
      if (moved > 0) {
        turn += moved;
        this.#ledger.took(stream, moved);
        for (const { join } of live) this.#agenda.addJoin(join);
      } else if (moved === AT_END) return this.#ends.endStream(stream);
      else {
        if (log.lacksRoom) this.#agenda.starveStream(stream);
        else stream.isReadable = false;
        return;
      }
    }
    this.#agenda.addStream(stream);
  }

  #drain(stream: StreamState): void {
    const { source } = stream;
    if (source === undefined || source.kind !== "pipe") return this.#ends.endStream(stream);
    for (let turn = 0; turn < TURN_BYTES;) {
      const max = this.#reader.allow(stream, PIPE_BYTES);
      if (max === NOT_NOW) return;
      if (max === AT_END) return this.#ends.endStream(stream);
      const moved = this.#reader.attempt(
        stream,
        () => this.#io.move({ from: source.fd, to: this.#nullFd, max }),
      );
      if (moved === undefined) return;
      if (moved <= AT_END) {
        if (moved === AT_END) this.#ends.endStream(stream);
        else stream.isReadable = false;
        return;
      }
      turn += moved;
      this.#ledger.drained(stream, moved);
    }
    this.#agenda.addStream(stream);
  }
}
