import { describe, expect, test } from "vitest";
import { EDGE_BYTES } from "../../lib/core/limits.ts";
import type { ByteReader } from "../../lib/host/byte_reader.ts";
import type { ByteWriter } from "../../lib/host/byte_writer.ts";
import { Chunk } from "../../lib/pipe/chunk.ts";
import { EdgeQueue } from "../../lib/pipe/edge_queue.ts";
import { relayJoin } from "../../lib/pipe/relay_join.ts";
import { relayStream } from "../../lib/pipe/relay_stream.ts";

const chunkOf = (text: string): Chunk =>
  new Chunk(new TextEncoder().encode(text), { holders: 1, isOwned: true });

/** Reads given pieces; `reads` tells how many were asked for. */
function readerOf(pieces: Iterable<Uint8Array>): ByteReader & { reads: number; isClosed: boolean } {
  const all = pieces[Symbol.iterator]();
  return {
    reads: 0,
    isClosed: false,
    givesMemory: true,
    read() {
      this.reads += 1;
      return Promise.resolve(this.isClosed ? undefined : all.next().value);
    },
    close() {
      this.isClosed = true;
    },
  };
}

/** Collects text; takes `room` writes, then the reader has left. */
function writerOf(room = Infinity): ByteWriter & { text: string; isClosed: boolean } {
  let left = room;
  return {
    text: "",
    isClosed: false,
    async write(chunk) {
      await Promise.resolve();
      if (left-- <= 0) return false;
      this.text += new TextDecoder().decode(chunk);
      return true;
    },
    close() {
      this.isClosed = true;
    },
  };
}

describe("relayStream()", () => {
  test("reads no further than the slowest edge has room", async () => {
    const megabytes = Array.from({ length: 20 }, () => new Uint8Array(EDGE_BYTES / 4));
    const reader = readerOf(megabytes);
    const [fast, slow] = [new EdgeQueue(), new EdgeQueue()];
    const relay = relayStream(reader, [fast, slow]);
    await drain(fast, 4);
    await settled();
    expect(reader.reads).toBe(4);
    slow.drop();
    await drain(fast, 16);
    await relay.finished;
    expect({ bytes: relay.bytes, fast: fast.bytesOut, slow: slow.bytesOut }).toEqual({
      bytes: 5 * EDGE_BYTES,
      fast: 5 * EDGE_BYTES,
      slow: 0,
    });
  });

  test("bounds many tiny chunks too", async () => {
    const reader = readerOf(function* () {
      for (;;) yield new Uint8Array(1);
    }());
    const edge = new EdgeQueue();
    const relay = relayStream(reader, [edge]);
    await settled();
    for (let turn = 0; turn < 50; turn++) await settled();
    expect(reader.reads).toBeLessThan(5000);
    relay.close();
    edge.drop();
    await relay.finished;
  });

  test("ends its edges and rejects when the system cannot read", async () => {
    const edge = new EdgeQueue();
    const broken: ByteReader = {
      givesMemory: true,
      read: () => Promise.reject(new Error("EIO")),
      close: () => undefined,
    };
    await expect(relayStream(broken, [edge]).finished).rejects.toThrow("EIO");
    expect(await edge.take()).toBeUndefined();
  });
});

describe("relayJoin()", () => {
  const feed = (...texts: string[]): EdgeQueue => {
    const edge = new EdgeQueue();
    for (const text of texts) edge.push(chunkOf(text));
    edge.end();
    return edge;
  };

  test("concatenates in the order of the edges, whenever they come", async () => {
    const late = new EdgeQueue();
    const writer = writerOf();
    const done = relayJoin([late, feed("b1", "b2")], { writer, merge: "concat" });
    await settled();
    expect(writer.text).toBe("");
    late.push(chunkOf("a"));
    late.end();
    expect(await done).toBe("ended");
    expect(writer).toMatchObject({ text: "ab1b2", isClosed: true });
  });

  test("merges whole lines, cut anywhere, and completes a last one", async () => {
    const writer = writerOf();
    const edges = [feed("a1\na", "2\n", "a3"), feed("b", "1", "\nb2\n\n"), feed("", "no end")];
    expect(await relayJoin(edges, { writer, merge: "lines" })).toBe("ended");
    expect(writer.text.split("\n").sort()).toEqual(["", "", "a1", "a2", "a3", "b1", "b2", "no end"]);
  });

  test("passes a line of any length on without others in between", async () => {
    const writer = writerOf();
    const long = "x".repeat(700_000);
    const edges = [feed(long, long, long, "\n"), feed("short\n", "short\n")];
    await relayJoin(edges, { writer, merge: "lines" });
    expect(writer.text.split("\n").map((line) => line.length).sort((a, b) => a - b)).toEqual([
      0,
      5,
      5,
      2_100_000,
    ]);
  });

  test.each(["concat", "lines"] as const)("drops all edges when the reader leaves (%s)", async (merge) => {
    let drops = 0;
    const open = [new EdgeQueue({ onDrop: () => drops++ }), new EdgeQueue({ onDrop: () => drops++ })];
    const done = relayJoin(open, { writer: writerOf(1), merge });
    open[0]?.push(chunkOf("one\n"));
    await settled();
    open[0]?.push(chunkOf("two\n"));
    open[1]?.push(chunkOf("two\n"));
    expect(await done).toBe("reader-left");
    expect(drops).toBe(2);
  });

  test("rejects when the bytes cannot be written, and drops its edges", async () => {
    const edge = feed("x");
    const writer: ByteWriter = { write: () => Promise.reject(new Error("ENOSPC")), close: () => undefined };
    await expect(relayJoin([edge], { writer, merge: "concat" })).rejects.toThrow("ENOSPC");
    expect(edge.isDropped).toBe(true);
  });
});

async function drain(edge: EdgeQueue, chunks: number): Promise<void> {
  for (let count = 0; count < chunks; count++) await edge.take();
}

/** Lets every promise that can settle do so. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}
