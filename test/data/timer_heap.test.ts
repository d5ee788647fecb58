import { describe, expect, test } from "vitest";
import type { Timer } from "../../lib/data/timer_heap.ts";
import { TimerHeap } from "../../lib/data/timer_heap.ts";
import { makeRandom } from "../message/random.ts";

describe("TimerHeap", () => {
  test("fires in the order of time, of two for one time the older first, and no cancelled one", () => {
    const { random, seed } = makeRandom();
    const heap = new TimerHeap();
    const fired: number[] = [];
    const timers: { readonly timer: Timer; readonly index: number }[] = [];
    for (let index = 0; index < 20_000; index++) {
      const timer = { at: Math.floor(random() * 100), fire: () => fired.push(index) };
      timers.push({ timer, index });
      heap.add(timer);
    }
    const left = timers.filter(({ timer }) => {
      const isCancelled = random() < 0.7;
      if (isCancelled) heap.cancel(timer);
      return !isCancelled;
    });
    expect(heap.size).toBe(left.length);
    for (let now = 0; now <= 100; now++) heap.fire(now, Infinity);
    const expected = left.toSorted((a, b) => a.timer.at - b.timer.at || a.index - b.index);
    expect(fired, `seed ${seed}`).toEqual(expected.map(({ index }) => index));
    expect([heap.size, heap.next]).toEqual([0, Infinity]);
  });

  test("fires no more at once than it may", () => {
    const heap = new TimerHeap();
    let count = 0;
    for (let index = 0; index < 5; index++) heap.add({ at: 0, fire: () => count += 1 });
    heap.fire(1, 3);
    expect([count, heap.size]).toEqual([3, 2]);
  });
});
