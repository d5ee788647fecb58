import { describe, expect, test } from "vitest";
import { InFlight } from "../../../lib/message/actors/in_flight.ts";
import type { Mail } from "../../../lib/message/mail/mail.ts";
import { makeRandom } from "../random.ts";

const FEW = { bytes: 10, now: 0, type: "T" };

function mailOf(number: number): Mail {
  return {
    bytes: new Uint8Array(10),
    start: 0,
    end: 10,
    number,
    priority: 128,
    type: "T",
    sender: "a",
    deliveries: 1,
  };
}

function acknowledge(inFlight: InFlight, number: number): boolean {
  const flying = inFlight.find(number, () => "");
  if (flying !== undefined) inFlight.acknowledge(flying, 0);
  return flying !== undefined;
}

function has(inFlight: InFlight, number: number): boolean {
  return inFlight.find(number, () => "") !== undefined;
}

describe("InFlight", () => {
  test("an acknowledgement takes its own, in any order, and once", () => {
    const inFlight = new InFlight({ acknowledges: true });
    for (const number of [1, 2, 3]) inFlight.add(number, { ...FEW, mail: mailOf(number), isOwed: true });
    expect([acknowledge(inFlight, 3), acknowledge(inFlight, 3), acknowledge(inFlight, 9)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([inFlight.open, inFlight.owed.map(({ number }) => number)]).toEqual([2, [1, 2]]);
    acknowledge(inFlight, 1);
    acknowledge(inFlight, 2);
    expect([inFlight.isEmpty, inFlight.hasOwed]).toEqual([true, false]);
  });

  test("a word of the engine is taken with what came after it", () => {
    const inFlight = new InFlight({ acknowledges: false });
    const done: string[] = [];
    inFlight.add(1, { ...FEW, isWord: true, then: () => done.push("start") });
    inFlight.add(2, FEW);
    inFlight.add(3, { ...FEW, isWord: true, then: () => done.push("later") });
    acknowledge(inFlight, 2);
    expect([done, inFlight.isEmpty, inFlight.open]).toEqual([["start"], false, 0]);
  });

  test("prefetch bounds what is not acknowledged, whichever it is", () => {
    const inFlight = new InFlight({ prefetch: 2, acknowledges: false });
    inFlight.add(1, FEW);
    inFlight.add(2, FEW);
    expect([inFlight.hasRoom, inFlight.grow()]).toEqual([false, false]);
    acknowledge(inFlight, 2);
    expect(inFlight.hasRoom).toBe(true);
    inFlight.add(3, FEW);
    expect(inFlight.hasRoom).toBe(false);
  });

  test("of a process that acknowledges nothing, what was read is taken, but for what has to be handled", () => {
    const inFlight = new InFlight({ acknowledges: false });
    inFlight.add(1, FEW);
    inFlight.add(2, { ...FEW, mail: mailOf(2), isOwed: true });
    inFlight.add(3, FEW);
    expect(inFlight.listUnread(15).map(({ number }) => number)).toEqual([2, 3]);
    inFlight.noteUnread(10, 0);
    expect([inFlight.open, inFlight.owed.map(({ number }) => number)]).toEqual([2, [2]]);
    for (let number = 4; number < 5000; number++) {
      inFlight.add(number, FEW);
      inFlight.noteUnread(0, 0);
    }
    expect([inFlight.open, has(inFlight, 4), has(inFlight, 4999)]).toEqual([1, false, true]);
  });

  test("one that acknowledges no more counts as one that never did, when nothing has to be handled", () => {
    const inFlight = new InFlight({ acknowledges: true });
    inFlight.add(0, FEW);
    acknowledge(inFlight, 0);
    let number = 1;
    for (let grown = true; grown && inFlight.acknowledges; grown = inFlight.grow()) {
      while (inFlight.hasRoom) inFlight.add(number++, FEW);
    }
    expect([inFlight.acknowledges, inFlight.isEmpty, number > 4000]).toEqual([false, true, true]);
  });

  test("but one that acknowledges all that it is told has to acknowledge that, too", () => {
    const inFlight = new InFlight({ acknowledges: false });
    inFlight.add(0, { ...FEW, isWord: true });
    acknowledge(inFlight, 0);
    let number = 1;
    for (let grown = true; grown; grown = inFlight.grow()) {
      while (inFlight.hasRoom) inFlight.add(number++, FEW);
    }
    expect([inFlight.acknowledges, inFlight.awaits, inFlight.most]).toEqual([true, true, 4096]);
  });

  test("who acknowledges answers or a type never is not waited for with those", () => {
    const inFlight = new InFlight({ acknowledges: false });
    inFlight.add(1, FEW);
    inFlight.add(2, { ...FEW, type: "Pong", isAnswer: true });
    acknowledge(inFlight, 1);
    expect([inFlight.awaits, inFlight.open]).toEqual([false, 1]); // An answer need not be.
    inFlight.add(3, { ...FEW, type: "Note" });
    expect(inFlight.awaits).toBe(true); // Nobody knows.
    inFlight.add(4, FEW);
    expect([inFlight.awaits, acknowledge(inFlight, 4), inFlight.awaits]).toEqual([true, true, false]);
    inFlight.add(5, { ...FEW, type: "Note" });
    expect(inFlight.awaits).toBe(false); // Notes were overtaken.
    acknowledge(inFlight, 5);
    inFlight.add(6, { ...FEW, type: "Note" });
    expect(inFlight.awaits).toBe(true); // But one was acknowledged now.
  });

  test("who acknowledges the words of the engine acknowledges answers as well", () => {
    const inFlight = new InFlight({ acknowledges: false });
    inFlight.add(1, { ...FEW, type: "Start", isWord: true });
    acknowledge(inFlight, 1);
    inFlight.add(2, { ...FEW, type: "Pong", isAnswer: true });
    expect([inFlight.awaits, acknowledge(inFlight, 2), inFlight.awaits]).toEqual([true, true, false]);
  });

  test("what is never waited for takes no room when it was read", () => {
    const inFlight = new InFlight({ acknowledges: false });
    inFlight.add(1, FEW);
    acknowledge(inFlight, 1);
    for (let number = 2; number < 9000; number++) {
      inFlight.add(number, { ...FEW, type: "Pong", isAnswer: true });
      if (!inFlight.hasRoom) expect([inFlight.takeUnawaited(0), inFlight.hasRoom]).toEqual([true, true]);
    }
    expect([inFlight.acknowledges, inFlight.open < 5000]).toEqual([true, true]);
  });

  test("an identity that was passed on means the message that came last with it", () => {
    const inFlight = new InFlight({ acknowledges: true });
    inFlight.add(7, { ...FEW, id: "id-of-3" });
    const flying = inFlight.find(3, () => "id-of-3");
    expect(flying?.number).toBe(7);
  });

  test.each([1, 2, 3])("whatever is done to it, all is taken at last: seed %i", (seed) => {
    const { random } = makeRandom(seed);
    const inFlight = new InFlight({ acknowledges: random() < 0.5 });
    const open = new Map<number, boolean>();
    for (let number = 1; number < 2000; number++) {
      const isKept = random() < 0.7;
      const isWord = random() < 0.1;
      inFlight.add(number, { ...FEW, isWord, mail: mailOf(number), isOwed: isKept && !isWord });
      open.set(number, isKept && !isWord);
      while (open.size > 0 && random() < 0.5) {
        const numbers = [...open.keys()];
        const picked = numbers[Math.floor(random() * numbers.length)] ?? 0;
        if (random() < 0.8) {
          acknowledge(inFlight, picked);
          open.delete(picked);
        } else {
          const flying = inFlight.find(picked, () => "");
          if (flying !== undefined) inFlight.answer(flying, 0);
          open.set(picked, false);
        }
      }
    }
    const kept = [...open].filter(([, isKept]) => isKept).map(([number]) => number);
    expect(inFlight.owed.map(({ number }) => number)).toEqual(kept);
    for (const number of open.keys()) acknowledge(inFlight, number);
    expect([inFlight.isEmpty, inFlight.open, inFlight.hasOwed, inFlight.hasRoom]).toEqual([
      true,
      0,
      false,
      true,
    ]);
  });
});
