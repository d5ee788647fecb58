import { describe, expect, test } from "vitest";
import { ASKS_SETTLED_MAX } from "../../../lib/core/limits/message.ts";
import { Asks, findAskRing } from "../../../lib/message/actors/asks.ts";
import { TimerHeap } from "../../../lib/data/timer_heap.ts";
import { makeActors } from "../actors.ts";

describe("findAskRing()", () => {
  test("names who would wait for whom, and is silent while somebody can go on", () => {
    const { cellOf, processesOf } = makeActors({ a: 1, b: 1, c: 1, pool: 2 });
    const asks = new Asks({ heap: new TimerHeap(), onExpired: () => undefined });
    let next = 0;
    const ask = (from: string, to: string, member = 0): readonly string[] | undefined => {
      const [asker] = processesOf(from).slice(member);
      if (asker === undefined) throw new Error(from);
      const ring = findAskRing(asks, asker, cellOf(to));
      if (ring === undefined) {
        asks.add({ id: String(next++), asker, address: from, cell: cellOf(to), deadline: 1 });
      }
      return ring;
    };
    expect(ask("a", "a")).toEqual(["a", "a"]);
    expect([ask("a", "b"), ask("b", "c")]).toEqual([undefined, undefined]);
    expect(ask("c", "a")).toEqual(["c", "a", "b", "c"]);
    // One member asks, the other one can answer.
    expect([ask("pool", "a"), ask("c", "pool")]).toEqual([undefined, undefined]);
    expect(ask("pool", "c", 1)).toEqual(["pool", "c", "pool"]);
  });

  test("forgets a request that was answered or given up", () => {
    const { cellOf, processesOf } = makeActors({ a: 1, b: 1 });
    const heap = new TimerHeap();
    const expired: string[] = [];
    const asks = new Asks({ heap, onExpired: ({ id }) => expired.push(id) });
    const [asker] = processesOf("a");
    if (asker === undefined) throw new Error("a");
    for (const id of ["x", "y"]) asks.add({ id, asker, address: "a", cell: cellOf("b"), deadline: 5 });
    const x = asks.get("x");
    if (x !== undefined) asks.remove(x);
    heap.fire(10, 10);
    expect([expired, asks.size, asks.of(asker).length, heap.size]).toEqual([["y"], 0, 0, 0]);
  });

  test("knows who had an answer to what, and of two with one identity the newer one", () => {
    const { cellOf, processesOf } = makeActors({ a: 1, b: 1 });
    const heap = new TimerHeap();
    const asks = new Asks({ heap, onExpired: () => undefined });
    const [asker] = processesOf("a");
    if (asker === undefined) throw new Error("a");
    const add = (id: string): void => asks.add({ id, asker, address: "a", cell: cellOf("b"), deadline: 5 });
    const settle = (id: string): void => {
      const ask = asks.get(id);
      if (ask !== undefined) asks.remove(ask);
    };
    add("x");
    add("x");
    expect([asks.size, asks.of(asker).length, heap.size]).toEqual([1, 1, 1]);
    settle("x");
    expect(["a", "b"].map((who) => asks.isSettled("x", who))).toEqual([true, false]);
    add("x");
    expect([asks.isSettled("x", "a"), asks.size]).toEqual([false, 1]);
    settle("x");
    for (let n = 0; n < ASKS_SETTLED_MAX; n++) {
      add(`${n}`);
      settle(`${n}`);
    }
    expect([asks.isSettled("x", "a"), asks.isSettled("0", "a"), asks.size]).toEqual([false, true, 0]);
  });
});
