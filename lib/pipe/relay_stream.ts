/**
 * One stream to all edges that read it: reads a chunk when every edge has room and gives it to each. So the slowest
 * reader sets the pace, and an edge whose reader has left no longer counts.
 */
import type { ByteReader } from "../host/byte_reader.ts";
import { Chunk } from "./chunk.ts";
import type { EdgeQueue } from "./edge_queue.ts";

export interface StreamRelay {
  /** Bytes read from the stream so far. */
  readonly bytes: number;
  /** Resolves when the stream has ended or was closed; rejects with the system's error when it cannot be read. */
  readonly finished: Promise<void>;
  /** Stops reading: the writer sees a closed pipe. */
  close(): void;
}

/** Starts to carry. When all edges are dropped the stream is still read, and forgotten, until `close`. */
export function relayStream(reader: ByteReader, edges: readonly EdgeQueue[]): StreamRelay {
  let bytes = 0;
  const carry = async (): Promise<void> => {
    try {
      for (;;) {
        for (const edge of edges) if (!edge.hasRoom) await edge.waitForRoom();
        const read = await reader.read();
        if (read === undefined) return;
        bytes += read.length;
        const chunk = new Chunk(read, { holders: edges.length, isOwned: reader.givesMemory });
        for (const edge of edges) edge.push(chunk);
      }
    } finally {
      reader.close();
      for (const edge of edges) edge.end();
    }
  };
  return {
    get bytes() {
      return bytes;
    },
    finished: carry(),
    close: () => reader.close(),
  };
}
