import { fstatSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BLOCK_BYTES } from "../../lib/core/limits/streams.ts";
import { isLinux } from "../../lib/host/runtime.ts";
import { BlockStore } from "../../lib/data/block_store.ts";
import type { Block, StoreOptions } from "../../lib/data/block_store.ts";
import { findOpen, IOS, makeFolder } from "../pipe/relay_rig.ts";

const GROWN = { isBase: false };
const BASE = { isBase: true };

function take(store: BlockStore, isBase = false): Block {
  const block = store.allocate({ isBase });
  if (block === undefined) throw new Error(`no room: ${JSON.stringify(store.noRoom)}`);
  return block;
}

describe.each(IOS)("BlockStore ($name)", ({ io, hasMemory }) => {
  /** A store with limits in blocks; those in memory are added to the others where there are no files in memory. */
  function makeStore(
    { memory, spill, folder = makeFolder() }: {
      readonly memory: number;
      readonly spill: number;
      readonly folder?: string;
    },
  ): BlockStore & { readonly folder: string } {
    const options: StoreOptions = {
      io,
      memoryBytes: memory * BLOCK_BYTES,
      spillBytes: (hasMemory ? spill : memory + spill) * BLOCK_BYTES,
      folder,
    };
    return Object.assign(new BlockStore(options), { folder });
  }

  test("allocate() gives blocks of memory, then of disk, and then tells which limit was reached", () => {
    const store = makeStore({ memory: 2, spill: 3 });
    const blocks = [1, 2, 3, 4, 5].map(() => take(store));
    expect(blocks.map(({ isSpilled }) => isSpilled)).toEqual([!hasMemory, !hasMemory, true, true, true]);
    expect(new Set(blocks.map(({ fd, offset }) => `${fd} ${offset}`)).size).toBe(5);
    expect(blocks.every(({ offset }) => offset % BLOCK_BYTES === 0)).toBe(true);
    expect(store.allocate(GROWN)).toBeUndefined();
    expect(store.noRoom).toEqual({ kind: "limit" });
    expect(store.usedBytes).toEqual({
      memory: (hasMemory ? 2 : 0) * BLOCK_BYTES,
      spill: (hasMemory ? 3 : 5) * BLOCK_BYTES,
    });
    store.close();
  });

  test("allocate() always has the blocks without which nothing can move, and does not count them", () => {
    const store = makeStore({ memory: 1, spill: 1 });
    const bases = Array.from({ length: 8 }, () => take(store, true));
    expect(store.usedBytes).toEqual({ memory: 0, spill: 0 });
    const grown = [take(store), take(store)];
    expect(store.allocate(GROWN)).toBeUndefined();
    expect(new Set([...bases, ...grown].map(({ fd, offset }) => `${fd} ${offset}`)).size).toBe(10);
    for (const block of bases) store.free(block, BASE);
    expect(store.allocate(GROWN)).toBeUndefined();
    store.close();
  });

  test("free() makes room for others, memory before disk", () => {
    const store = makeStore({ memory: 2, spill: 2 });
    const blocks = [1, 2, 3, 4].map(() => take(store));
    const [first, , third] = blocks;
    if (first === undefined || third === undefined) throw new Error("no blocks");
    store.free(third, GROWN);
    store.free(first, GROWN);
    const again = [take(store), take(store)];
    expect(again.map(({ isSpilled }) => isSpilled)).toEqual([!hasMemory, true]);
    expect(again.map(({ offset }) => offset).sort()).toEqual([first.offset, third.offset].sort());
    expect(store.allocate(GROWN)).toBeUndefined();
    for (const block of [...blocks.slice(1, 2), ...blocks.slice(3), ...again]) store.free(block, GROWN);
    expect(store.usedBytes).toEqual({ memory: 0, spill: 0 });
    store.close();
  });

  test("the spill file has no name, and close() leaves nothing", () => {
    const store = makeStore({ memory: 1, spill: 2 });
    take(store);
    take(store);
    expect(readdirSync(store.folder)).toEqual([]);
    if (isLinux) expect(findOpen(store.folder)).toHaveLength(1);
    store.close();
    expect(findOpen(store.folder)).toEqual([]);
  });

  test("makes no file before one is needed", () => {
    const store = makeStore({ memory: 1, spill: 0, folder: join(makeFolder(), "is not there") });
    if (hasMemory) take(store);
    expect(store.allocate(GROWN)).toBeUndefined();
    expect(store.noRoom.kind).toBe(hasMemory ? "limit" : "disk");
    store.close();
    makeStore({ memory: 1, spill: 1 }).close();
  });

  test("allocate() tells the system's error when the spill file cannot be made, and tries again", () => {
    const folder = join(makeFolder(), "is not there");
    const store = makeStore({ memory: 0, spill: 1, folder });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(store.allocate(GROWN)).toBeUndefined();
      const { noRoom } = store;
      expect(noRoom).toMatchObject({ kind: "disk", errno: "ENOENT" });
      expect(noRoom.kind === "disk" && noRoom.reason).toContain("no such file or directory");
    }
    expect(store.usedBytes).toEqual({ memory: 0, spill: 0 });
    store.close();
  });

  test("refuse() notes errors of the system and throws all others", () => {
    const store = makeStore({ memory: 0, spill: 0 });
    store.refuse(Object.assign(new Error("disk quota exceeded"), { code: "EDQUOT" }));
    expect(store.noRoom).toEqual({ kind: "disk", errno: "EDQUOT", reason: "disk quota exceeded" });
    expect(() => store.refuse(new TypeError("a bug"))).toThrow("a bug");
    store.close();
  });
});

describe.each(IOS.filter(({ hasMemory }) => hasMemory))("BlockStore ($name)", ({ io }) => {
  test("free() gives the pages back to the system", () => {
    const store = new BlockStore({ io, memoryBytes: 4 * BLOCK_BYTES, spillBytes: 0, folder: makeFolder() });
    const blocks = Array.from({ length: 4 }, () => take(store));
    const bytes = new Uint8Array(BLOCK_BYTES).fill(1);
    const sizeOf = ({ fd }: Block): number => fstatSync(fd).blocks * 512;
    for (const { fd, offset } of blocks) writeSync(fd, bytes, 0, bytes.length, offset);
    expect(blocks.every((block) => sizeOf(block) >= 4 * BLOCK_BYTES)).toBe(true);
    for (const block of blocks) store.free(block, GROWN);
    expect(blocks.map(sizeOf)).toEqual(blocks.map(() => 0));
    store.close();
  });
});
