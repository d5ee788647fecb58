import { describe, expect, test } from "vitest";
import type { Overflow } from "../../lib/core/messaging.ts";
import type { MailStore } from "../../lib/message/mailbox.ts";
import { Mailbox } from "../../lib/message/mailbox.ts";
import { makeRandom } from "./random.ts";

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

function boxOf(size: number, overflow: Overflow, store?: MailStore): Mailbox<Item> {
  return new Mailbox<Item>({ size, overflow }, store);
}

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
    expect(offered.at(-1)).toEqual({ is: "dropped", item: item("10", 10) });
    expect(names(box)).toEqual(["100", "50"]);
  });

  test("with spill puts what is beyond its size elsewhere, and gives it back in order", () => {
    const kept = new Map<number, Uint8Array>();
    let cleared = 0;
    const store: MailStore = {
      put: ({ bytes }) => (kept.set(kept.size, bytes), kept.size - 1),
      get: (place) => kept.get(place) ?? new Uint8Array(),
      clear: () => cleared += 1,
    };
    const box = boxOf(2, "spill", store);
    for (const name of ["a", "b", "c", "d"]) box.offer(item(name));
    box.offer(item("urgent", 200));
    expect([kept.size, box.length]).toEqual([3, 5]);
    expect(box.drain().map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([
      "urgent",
      "a",
      "b",
      "c",
      "d",
    ]);
    expect(cleared).toBe(1);
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
