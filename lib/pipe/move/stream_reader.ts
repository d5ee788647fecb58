/**
 * Taking from streams: never more than the tap of the stream has got as well, and an error ends the stream.
 */
import { asError } from "./as_error.ts";
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { FilePlaces } from "../life/file_places.ts";
import type { PipeOwners } from "../state/pipe_owners.ts";
import type { RelayEnds } from "../life/relay_ends.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, StreamState } from "../state/relay_states.ts";
import { hasHeld, isAtEnd, isLogged } from "../state/relay_states.ts";

export class StreamReader {
  readonly #owners: PipeOwners;
  readonly #io: DescriptorIo;
  readonly #ends: RelayEnds;
  readonly #ledger: RelayLedger;
  readonly #places: FilePlaces;

  constructor(
    { io, owners, ends, ledger, places }: {
      readonly io: DescriptorIo;
      readonly owners: PipeOwners;
      readonly ends: RelayEnds;
      readonly ledger: RelayLedger;
      readonly places: FilePlaces;
    },
  ) {
    this.#places = places;
    this.#io = io;
    this.#owners = owners;
    this.#ends = ends;
    this.#ledger = ledger;
  }

  /** How many bytes may be taken from a stream now, at most `max`: no more than its tap has got as well. */
  allow(stream: StreamState, max: number): Moved {
    const { source, tap } = stream;
    if (tap === undefined || source?.kind !== "pipe") return max;
    const allowed = this.attempt(stream, () => tap.allow(source.fd, max));
    if (allowed === undefined) return AT_END;
    if (allowed === GONE) {
      this.#ends.closeTap(stream);
      return max;
    }
    if (allowed === NOT_NOW && !tap.isFull) stream.isReadable = false;
    return allowed;
  }

  /** The descriptor that an edge is read from; undefined when it is not open yet, or has ended because it cannot be. */
  descriptorOf({ stream, join }: EdgeState): number | undefined {
    const { source } = stream;
    if (source === undefined || source.kind === "bytes") return undefined;
    if (source.fd !== undefined || source.kind !== "path") return source.fd;
    if (!this.#places.take(join)) return undefined;
    try {
      source.fd = this.#io.open(source.path, "read");
      this.#owners.own(source.fd, { kind: "stream", stream });
    } catch (error) {
      const cause = asError(error);
      // Descriptors are short: it is tried again when another file has been closed.
      const isWaiting = this.#places.giveUp(join) && isShortage(cause);
      if (!isWaiting) this.#ends.endStream(stream, cause);
    }
    return source.fd;
  }

  /** Reads from a stream; undefined when that failed and the stream has ended with the error. */
  attempt(stream: StreamState, action: () => Moved): Moved | undefined {
    try {
      return action();
    } catch (error) {
      this.#ends.endStream(stream, asError(error));
      return undefined;
    }
  }

  /** Reads bytes of an edge into memory. */
  read(edge: EdgeState, buffer: Uint8Array): Moved {
    const { stream } = edge;
    if (hasHeld(edge)) {
      const count = stream.log.read(edge.position, buffer);
      if (count > 0) this.#ledger.gave(edge, count);
      return count;
    }
    if (isAtEnd(edge)) return AT_END;
    const { source } = stream;
    if (isLogged(stream) || stream.phase !== "open" || source === undefined) return NOT_NOW;
    if (source.kind === "bytes") {
      const rest = source.bytes.subarray(edge.position, edge.position + buffer.length);
      buffer.set(rest);
      if (rest.length === 0) this.#ends.endStream(stream);
      else this.#ledger.passed(edge, rest.length);
      return rest.length;
    }
    if (!stream.isReadable) return NOT_NOW;
    const fd = this.descriptorOf(edge);
    if (fd === undefined) return isAtEnd(edge) ? AT_END : NOT_NOW;
    const max = this.allow(stream, buffer.length);
    if (max === NOT_NOW) return NOT_NOW;
    const count = max === AT_END
      ? AT_END
      : this.attempt(stream, () => this.#io.read(fd, buffer.subarray(0, max)));
    if (count === undefined) return AT_END;
    if (count > 0) this.#ledger.passed(edge, count);
    else if (count === AT_END) this.#ends.endStream(stream);
    else stream.isReadable = false;
    return count;
  }
}

function isShortage(error: Error): boolean {
  return "code" in error && (error.code === "EMFILE" || error.code === "ENFILE");
}
