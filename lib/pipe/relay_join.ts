/**
 * All edges of one input to the pipe or file behind it: one after the other as written, or whole lines as they come.
 */
import type { Merge } from "../core/flow.ts";
import { MERGE_LINE_BYTES } from "../core/limits.ts";
import { unreachable } from "../core/unreachable.ts";
import type { ByteWriter } from "../host/byte_writer.ts";
import type { EdgeQueue } from "./edge_queue.ts";

/** Why a join is over: every edge has ended, or whoever reads it has left. */
export type JoinEnd = "ended" | "reader-left";

/**
 * Carries until the end, then closes the writer. Rejects with the system's error when the bytes cannot be written
 * (a full disk). However it ends, the edges are dropped: nobody reads them any more.
 */
export async function relayJoin(
  edges: readonly EdgeQueue[],
  { writer, merge }: { readonly writer: ByteWriter; readonly merge: Merge },
): Promise<JoinEnd> {
  try {
    switch (merge) {
      case "concat":
        return await concatenate(edges, writer);
      case "lines":
        return edges.length === 1 ? await concatenate(edges, writer) : await mergeLines(edges, writer);
      default:
        return unreachable(merge);
    }
  } finally {
    writer.close();
    for (const edge of edges) edge.drop();
  }
}

async function concatenate(edges: readonly EdgeQueue[], writer: ByteWriter): Promise<JoinEnd> {
  for (const edge of edges) {
    for (let chunk = await edge.take(); chunk !== undefined; chunk = await edge.take()) {
      const isRead = await writer.write(chunk.bytes);
      chunk.release();
      if (!isRead) return "reader-left";
    }
  }
  return "ended";
}

/**
 * Each edge writes whole lines; a last line without a line break gets one, so that it stays a line of its own.
 * A line longer than MERGE_LINE_BYTES is passed on in pieces while the other edges wait.
 */
async function mergeLines(edges: readonly EdgeQueue[], writer: ByteWriter): Promise<JoinEnd> {
  const turn = new Turn();
  let hasLeft = false;
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (hasLeft || await writer.write(bytes)) return;
    hasLeft = true;
    for (const edge of edges) edge.drop();
  };
  await Promise.all(edges.map((edge) => mergeEdge(edge, { turn, write })));
  return hasLeft ? "reader-left" : "ended";
}

const LINE_FEED = 10;
const LINE_BREAK = new Uint8Array([LINE_FEED]);

async function mergeEdge(
  edge: EdgeQueue,
  { turn, write }: { readonly turn: Turn; readonly write: (bytes: Uint8Array) => Promise<void> },
): Promise<void> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  let hasTurn = false;
  const writeBegun = async (more: readonly Uint8Array[]): Promise<void> => {
    if (!hasTurn) await turn.take();
    hasTurn = true;
    for (const piece of [...begun, ...more]) await write(piece);
    begun = [];
    begunBytes = 0;
  };
  const pass = (): void => {
    if (hasTurn) turn.pass();
    hasTurn = false;
  };
  try {
    for (let chunk = await edge.take(); chunk !== undefined; chunk = await edge.take()) {
      const { bytes } = chunk;
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      if (end > 0) {
        await writeBegun([bytes.subarray(0, end)]);
        pass();
      }
      if (end < bytes.length) begun.push(bytes.slice(end));
      begunBytes += bytes.length - end;
      chunk.release();
      if (begunBytes > MERGE_LINE_BYTES) await writeBegun([]);
    }
    if (begunBytes > 0 || hasTurn) await writeBegun([LINE_BREAK]);
  } finally {
    pass();
  }
}

/** Whose turn it is to write: first come, first served. */
class Turn {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}
