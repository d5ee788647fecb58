/**
 * What the relays have done so far, in memory that two threads share: the relays write, the run reads.
 */

export interface RelayBoard {
  /** Bytes taken from each stream. */
  readonly taken: Float64Array;
  /** Bytes given on over each edge. */
  readonly given: Float64Array;
  /** How many bytes a stream may be ahead of each edge. */
  readonly capacity: Float64Array;
  /** 1 when all readers of a stream have left before its end. */
  readonly isLost: Float64Array;
  readonly memory: SharedArrayBuffer;
}

/** A board for so many streams and edges; `memory` is that of another thread's board of the same size. */
export function makeBoard(
  { streams, edges }: { readonly streams: number; readonly edges: number },
  memory: SharedArrayBuffer = new SharedArrayBuffer(2 * (streams + edges) * 8),
): RelayBoard {
  const numbers = new Float64Array(memory);
  return {
    taken: numbers.subarray(0, streams),
    isLost: numbers.subarray(streams, 2 * streams),
    given: numbers.subarray(2 * streams, 2 * streams + edges),
    capacity: numbers.subarray(2 * streams + edges),
    memory,
  };
}
