import { describe, expect, test } from "vitest";
import type { WaitStep } from "../../../lib/core/wait.ts";
import { formatCycle } from "../../../lib/report/text/wait_text.ts";

const MIB = 1024 * 1024;

const reading: WaitStep = {
  waiter: "join",
  pid: 17,
  does: "read",
  from: "a",
  to: "join.left",
  waitsFor: "a",
  heldBytes: 0,
  capacityBytes: 0,
};
const writing: WaitStep = {
  waiter: "src",
  pid: 12,
  does: "write",
  from: "src.audit",
  to: "join",
  waitsFor: "join",
  heldBytes: 1.5 * MIB,
  capacityBytes: 2 * MIB,
};
const unstarted: WaitStep = {
  waiter: "a",
  does: "start",
  from: "src",
  to: "a",
  waitsFor: "src",
  heldBytes: 0,
  capacityBytes: 0,
};

describe("formatCycle()", () => {
  test("shows one that waits for itself", () => {
    expect(formatCycle([{ ...reading, waiter: "a", to: "a" }])).toEqual([
      "⟳  a  cannot read a → a: empty; waits for a [process 17]",
    ]);
  });

  test("shows two", () => {
    expect(formatCycle([writing, reading])).toEqual([
      "┌▶ src   cannot write src.audit → join: full, holds 1.5 MiB of 2 MiB; waits for join [process 12]",
      "└─ join  cannot read a → join.left: empty; waits for a [process 17]",
    ]);
  });

  test("shows several, in the order of waiting, each kind of waiting in its words", () => {
    expect(formatCycle([reading, unstarted, writing])).toEqual([
      "┌▶ join  cannot read a → join.left: empty; waits for a [process 17]",
      "│  a     has not started; waits for src",
      "└─ src   cannot write src.audit → join: full, holds 1.5 MiB of 2 MiB; waits for join [process 12]",
    ]);
  });

  test("leaves out what is not known: the process, and how much may be held", () => {
    const { pid: _, ...outside } = writing;
    expect(formatCycle([{ ...outside, heldBytes: 300, capacityBytes: 0 }])).toEqual([
      "⟳  src  cannot write src.audit → join: full, holds 300 B; waits for join",
    ]);
  });

  test("shows nothing of nobody", () => {
    expect(formatCycle([])).toEqual([]);
  });
});
