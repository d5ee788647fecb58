import { describe, expect, it } from "vitest";
import { startTimer } from "../../../lib/host/time/long_timer.ts";

/** What is asked of the system, in order; `fire` lets the last of it come. */
function makeSystem() {
  const asked: number[] = [];
  const waiting: { action: () => void; isCancelled: boolean }[] = [];
  const set = (action: () => void, delayMs: number): () => void => {
    const one = { action, isCancelled: false };
    asked.push(delayMs);
    waiting.push(one);
    return () => void (one.isCancelled = true);
  };
  return { asked, waiting, set, fire: () => waiting.at(-1)?.action() };
}

describe("startTimer()", () => {
  it("waits longer than the system can in one go", () => {
    const system = makeSystem();
    let fired = 0;
    startTimer(2 ** 31 + 1000, () => fired += 1, system.set);
    system.fire();
    expect({ fired, asked: system.asked }).toEqual({ fired: 0, asked: [2 ** 31 - 1, 1001] });
    system.fire();
    expect({ fired, asked: system.asked.length }).toEqual({ fired: 1, asked: 2 });
  });

  it("is cancelled in whichever part it is", () => {
    const system = makeSystem();
    const cancel = startTimer(2 ** 31 + 1000, () => undefined, system.set);
    system.fire();
    cancel();
    expect(system.waiting.map(({ isCancelled }) => isCancelled)).toEqual([false, true]);
  });

  it("does not fire at once for a time beyond 31 bits", async () => {
    let fired = 0;
    const cancel = startTimer(1000 * 3_600_000, () => fired += 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel();
    expect(fired).toBe(0);
  });
});
