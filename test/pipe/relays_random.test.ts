/**
 * Relays of random shape, written and read in random pieces, compared with what each reader has to get. A test's name
 * has its seed: the same seed is the same test.
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BLOCK_BYTES, MERGE_LINE_BYTES } from "../../lib/core/limits/streams.ts";
import type { DescriptorIo } from "../../lib/host/descriptor_io/descriptor_io.ts";
import type { Random } from "../random/prng.ts";
import { makeRandom } from "../random/prng.ts";
import type { Feeder, Taker } from "./pipe_ends.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const SEEDS = Array.from({ length: 60 }, (_, at) => 1000 + at);
const PIPE_SIZES = [4096, 8192, 65_536, 1024 * 1024];

interface Case {
  readonly streams: readonly {
    readonly edges: readonly number[];
    readonly source: "pipe" | "file" | "bytes";
    readonly content: Buffer;
  }[];
  readonly joins: readonly {
    readonly edges: readonly number[];
    readonly merge: "concat" | "lines";
    readonly isFile: boolean;
    /** Leaves after so many bytes. */
    readonly leavesAt: number;
  }[];
}

/** Lines that begin with the letter of their stream. */
function makeContent(random: Random, letter: string): Buffer {
  const size = random.weighted([[1, 0], [2, 300], [4, 150_000], [2, 1_700_000]]);
  const lines: string[] = [];
  for (let length = random.int(0, size); length > 0; length -= (lines.at(-1)?.length ?? 0) + 1) {
    const longest = random.weighted([[9, 200], [3, 20_000], [0.02, 2 * MERGE_LINE_BYTES]]);
    lines.push(letter + "x".repeat(random.int(0, longest)));
  }
  const end = random.chance(0.5) ? "\n" : "";
  return Buffer.from(lines.length === 0 ? "" : lines.join("\n") + end);
}

function makeCase(random: Random): Case {
  let next = 0;
  const streams = Array.from({ length: random.int(1, 4) }, (_, at): Case["streams"][number] => {
    const source = random.weighted([[6, "pipe"], [1, "file"], [1, "bytes"]] as const);
    const count = source === "bytes" ? 1 : random.weighted([[4, 1], [3, 2], [2, 3]]);
    const edges = Array.from({ length: count }, () => next++);
    return { edges, source, content: makeContent(random, String.fromCharCode(97 + at)) };
  });
  const left = random.shuffle(Array.from({ length: next }, (_, edge) => edge));
  const joins: Case["joins"][number][] = [];
  while (left.length > 0) {
    const edges = left.splice(0, random.weighted([[3, 1], [3, 2], [1, 4]]));
    const readTwice = new Set(edges.map((edge) => streamOf(streams, edge))).size < edges.length;
    joins.push({
      edges,
      merge: !readTwice && random.chance(0.4) ? "lines" : "concat",
      isFile: random.chance(0.15),
      leavesAt: random.chance(0.1) ? random.int(0, 100_000) : Infinity,
    });
  }
  return { streams, joins };
}

function streamOf(streams: Case["streams"], edge: number): number {
  return streams.findIndex(({ edges }) => edges.includes(edge));
}

class RandomRun {
  readonly #random: Random;
  readonly #case: Case;
  readonly #rig: RelayRig;
  readonly #writing: { readonly feeder: Feeder; rest: Buffer }[] = [];
  readonly #takers: (Taker | undefined)[] = [];
  readonly #files: (string | undefined)[] = [];

  constructor(random: Random, io: DescriptorIo) {
    this.#random = random;
    this.#case = makeCase(random);
    const { streams, joins } = this.#case;
    const limits = { memoryBytes: random.int(0, 4) * BLOCK_BYTES, spillBytes: 64 * 1024 * 1024 };
    this.#rig = new RelayRig({ io, streams: streams.map(({ edges }) => edges), joins, ...limits });
    const opening = [
      ...streams.map((stream, at) => () => this.#openStream(stream, at)),
      ...joins.map((join, at) => () => this.#openJoin(join, at)),
    ];
    for (const open of random.shuffle(opening)) {
      open();
      if (random.chance(0.5)) this.#step();
    }
  }

  #openStream({ source, content }: Case["streams"][number], at: number): void {
    if (source === "bytes") return this.#rig.feedBytes(at, content);
    if (source === "file") return this.#rig.feedFile(at, content);
    this.#writing.push({
      feeder: this.#rig.feed(at, { pipeBytes: this.#random.pick(PIPE_SIZES) }),
      rest: content,
    });
  }

  #openJoin({ isFile, leavesAt }: Case["joins"][number], at: number): void {
    if (isFile && leavesAt === Infinity) this.#files[at] = this.#rig.takeFile(at);
    else this.#takers[at] = this.#rig.take(at, { pipeBytes: this.#random.pick(PIPE_SIZES) });
  }

  /** Something of somebody; how much that was. */
  #step(): number {
    const random = this.#random;
    let moved = 0;
    if (this.#writing.length > 0 && random.chance(0.6)) moved += this.#write(random.pick(this.#writing));
    const joins = [...this.#takers.keys()];
    if (joins.length > 0) moved += this.#read(random.pick(joins));
    this.#rig.settle();
    return moved;
  }

  #write(writing: { readonly feeder: Feeder; rest: Buffer }): number {
    const count = writing.feeder.write(writing.rest.subarray(0, this.#random.pick([1, 5_000, 1_000_000])));
    writing.rest = writing.rest.subarray(count ?? writing.rest.length);
    if (writing.rest.length > 0) return count ?? 0;
    writing.feeder.close();
    this.#writing.splice(this.#writing.indexOf(writing), 1);
    return 1;
  }

  #read(join: number): number {
    const taker = this.#takers[join];
    const { leavesAt = Infinity } = this.#case.joins[join] ?? {};
    if (taker === undefined || taker.isAtEnd || taker.length >= leavesAt) return 0;
    const count = taker.read(Math.min(leavesAt - taker.length, this.#random.pick([3, 6_000, 1_000_000])));
    if (taker.length >= leavesAt) taker.close();
    return count + (taker.isAtEnd ? 1 : 0);
  }

  get #isOver(): boolean {
    return this.#writing.length === 0 && this.#rig.relays.joins.every(({ phase }) => phase === "ended");
  }

  /** Goes on to the end; a full edge grows when everybody waits. */
  run(): void {
    for (let idle = 0; !this.#isOver;) {
      idle = this.#step() > 0 ? 0 : idle + 1;
      if (idle < 50 || this.#sweep() > 0) continue;
      const { relays } = this.#rig;
      const full = relays.edges.filter((edge) =>
        !edge.isDropped && edge.stream.phase === "open" && edge.stream.taken - edge.position >= edge.capacity
      );
      if (full.length === 0) expect.fail("nothing moves, and no edge is full");
      const edge = this.#random.pick(full);
      relays.grow(
        edge,
        Math.max(edge.capacity, edge.stream.taken - edge.position) + this.#random.pick([1, 70_000]),
      );
      idle = 0;
    }
    for (const join of this.#takers.keys()) while (this.#read(join) > 0);
  }

  /** Everything that anybody can do. */
  #sweep(): number {
    const written = [...this.#writing].map((writing) => this.#write(writing));
    const read = [...this.#takers.keys()].map((join) => this.#read(join));
    this.#rig.settle();
    return [...written, ...read].reduce((sum, count) => sum + count, 0);
  }

  verify(): void {
    for (const [at, { edges, merge, leavesAt }] of this.#case.joins.entries()) {
      const path = this.#files[at];
      const found = path === undefined ? this.#takers[at]?.bytes ?? Buffer.alloc(0) : readFileSync(path);
      const contents = edges.map((edge) =>
        this.#case.streams[streamOf(this.#case.streams, edge)]?.content ?? Buffer.alloc(0)
      );
      if (merge === "lines" && edges.length > 1) verifyLines(found, { contents, leavesAt });
      else expect(found.equals(Buffer.concat(contents).subarray(0, leavesAt)), `join ${at}`).toBe(true);
    }
    expect(this.#rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  }
}

function verifyLines(
  found: Buffer,
  { contents, leavesAt }: { readonly contents: readonly Buffer[]; readonly leavesAt: number },
): void {
  const wholes = contents.map((content) => content.toString().replace(/[^\n]$/, "$&\n"));
  const length = wholes.reduce((sum, { length }) => sum + length, 0);
  expect(found.length).toBe(Math.min(length, leavesAt));
  const lines = found.toString().split("\n");
  for (const whole of wholes) {
    const own = lines.filter((line) => line !== "" && line[0] === whole[0]).map((line) => `${line}\n`).join(
      "",
    );
    // Whoever leaves early may have left in the middle of a line.
    if (leavesAt >= length) expect(own === whole, `lines of ${whole[0]}`).toBe(true);
    else expect(whole.startsWith(own.slice(0, -1)), `lines of ${whole[0]}`).toBe(true);
  }
}

describe.each(IOS)("Relays ($name)", ({ io }) => {
  test.each(SEEDS)("give every reader what it has to get, in any shape (seed %i)", (seed) => {
    const run = new RandomRun(makeRandom(seed, "relays"), io);
    run.run();
    run.verify();
  });
});
