import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Overflow } from "../../../lib/core/messaging.ts";
import { BLOCK_BYTES } from "../../../lib/core/limits/streams.ts";
import { BlockStore } from "../../../lib/data/block_store.ts";
import { PortableIo } from "../../../lib/host/descriptor_io/portable_io.ts";
import { MailRoom } from "../../../lib/message/mail/mail_room.ts";
import { MailStore } from "../../../lib/message/mail/mail_store.ts";
import { Mailbox } from "../../../lib/message/mail/mailbox.ts";
import { makeRandom } from "../random.ts";

interface Item {
  readonly name: string;
  readonly priority: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

function item(name: string, priority = 128): Item {
  const bytes = new TextEncoder().encode(name);
  return { name, priority, bytes, start: 0, end: bytes.length };
}

function names(box: Mailbox<Item>): readonly string[] {
  return box.drain().map(({ name }) => name);
}

function boxOf(size: number, overflow: Overflow, room = new MailRoom({ memoryBytes: MIB })): Mailbox<Item> {
  return new Mailbox<Item>({ size, overflow }, room);
}

/** Room of so many bytes in memory and on disk. */
function roomOf({ memoryBytes, spillBytes }: { readonly memoryBytes: number; readonly spillBytes: number }) {
  const io = new PortableIo();
  const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
  const blocks = new BlockStore({ io, folder, memoryBytes: 0, spillBytes });
  opened.push({ blocks, folder });
  const room = new MailRoom({ memoryBytes, store: new MailStore({ blocks, io }) });
  return { room, usedBytes: () => blocks.usedBytes.spill };
}

const opened: { readonly blocks: BlockStore; readonly folder: string }[] = [];
afterEach(() => {
  for (const { blocks, folder } of opened.splice(0)) {
    blocks.close();
    rmSync(folder, { recursive: true });
  }
});

const MIB = 1024 * 1024;

describe("Mailbox", () => {
  test("gives higher priorities first, and equal ones in their order, also one that differs by 1", () => {
    const box = boxOf(10, "block");
    for (
      const [name, priority] of [["a", 65], ["b", 66], ["c", 65], ["d", 255], ["e", 0], ["f", 66]] as const
    ) {
      box.push(item(name, priority));
    }
    expect(names(box)).toEqual(["d", "b", "f", "a", "c", "e"]);
  });

  test.each(["block", "reject"] as const)("with %s takes no more than its size", (overflow) => {
    const box = boxOf(2, overflow);
    expect([box.offer(item("a")), box.offer(item("b")), box.offer(item("c"))].map(({ is }) => is))
      .toEqual(["kept", "kept", "full"]);
    expect([box.isFull, names(box)]).toEqual([true, ["a", "b"]]);
  });

  test("with drop-oldest drops what came first, not what matters most", () => {
    const box = boxOf(2, "drop-oldest");
    const offered = [item("10", 10), item("50", 50), item("100", 100)].map((each) => box.offer(each));
    expect(offered.at(-1)).toEqual({ is: "dropped", items: [item("10", 10)] });
    expect(names(box)).toEqual(["100", "50"]);
  });

  test("with spill puts what is beyond its size on disk, and gives it back in order", () => {
    const { room, usedBytes } = roomOf({ memoryBytes: MIB, spillBytes: 8 * MIB });
    const box = boxOf(2, "spill", room);
    for (const name of ["a", "b", "c", "d".repeat(BLOCK_BYTES * 2)]) box.offer(item(name));
    box.offer(item("urgent", 200));
    expect([usedBytes(), box.length]).toEqual([3 * BLOCK_BYTES, 5]);
    expect(box.drain().map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([
      "urgent",
      "a",
      "b",
      "c",
      "d".repeat(BLOCK_BYTES * 2),
    ]);
    expect([usedBytes(), room.heldBytes, box.bytes]).toEqual([0, 0, 0]);
  });

  test("is full by its bytes as by their number, but takes one of any size", () => {
    const box = boxOf(1000, "block", new MailRoom({ memoryBytes: 40_000 }));
    expect(box.offer(item("x".repeat(100_000))).is).toBe("kept");
    expect([box.isFull, box.offer(item("y")).is]).toEqual([true, "full"]);
    box.shift();
    for (let at = 0; at < 100 && !box.isFull; at++) box.offer(item("z".repeat(1000)));
    expect([box.isFull, box.bytes < 12_000]).toEqual([true, true]);
    const oldest = boxOf(1000, "drop-oldest", new MailRoom({ memoryBytes: 40_000 }));
    for (let at = 0; at < 100; at++) oldest.offer(item("z".repeat(1000)));
    expect(oldest.bytes).toBeLessThan(12_000);
  });

  test("of several together hold no more than the memory; beyond it is on disk, and then there is no room", () => {
    const { room, usedBytes } = roomOf({ memoryBytes: 100_000, spillBytes: BLOCK_BYTES });
    const boxes = Array.from({ length: 100 }, () => boxOf(1000, "block", room));
    const big = "x".repeat(9000);
    const kept = boxes.flatMap((box) => [box.offer(item(big)), box.offer(item(big))]).map(({ is }) => is);
    expect(room.heldBytes).toBeLessThan(100_000 + 100 * 10_000);
    expect([usedBytes(), kept.includes("full")]).toEqual([BLOCK_BYTES, true]);
    const [full] = boxes.filter((box) => box.refused !== undefined);
    expect([full?.isFull, full?.refused]).toEqual([true, { kind: "limit" }]);
    full?.shift();
    expect(full?.isFull).toBe(false);
    for (const box of boxes) box.drain();
    expect([usedBytes(), room.heldBytes]).toEqual([0, 0]);
  });

  test("takes back what could not be handled, before the others", () => {
    const box = boxOf(3, "block");
    for (const name of ["a", "b", "c"]) box.push(item(name));
    const [a, b] = [box.shift(), box.shift()];
    for (const each of [b, a]) if (each !== undefined) box.putBack(each);
    expect(names(box)).toEqual(["a", "b", "c"]);
  });

  test("agrees with a sorted list on random traffic", () => {
    const { random, seed } = makeRandom();
    const box = boxOf(Infinity, "block");
    const list: Item[] = [];
    for (let round = 0; round < 5000; round++) {
      if (random() < 0.55) {
        const made = item(String(round), Math.floor(random() * 256));
        box.push(made);
        list.push(made);
      } else {
        const first = list.reduce<Item | undefined>(
          (best, each) => best === undefined || each.priority > best.priority ? each : best,
          undefined,
        );
        if (first !== undefined) list.splice(list.indexOf(first), 1);
        expect(box.shift(), `seed ${seed}`).toBe(first);
      }
    }
  });
});
