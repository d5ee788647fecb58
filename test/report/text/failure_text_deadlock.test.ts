/** What is told of a deadlock. */
import { describe, expect, test } from "vitest";
import type { Failure } from "../../../lib/core/failure.ts";
import type { WaitStep } from "../../../lib/core/wait.ts";
import { formatFailure } from "../../../lib/report/text/failure_text.ts";

const MIB = 1024 * 1024;

/** Its lines, without the last line break. */
function linesOf(failure: Failure, color = false): readonly string[] {
  const text = formatFailure(failure, { color });
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

describe("formatFailure() of a deadlock", () => {
  const cycle: readonly WaitStep[] = [
    {
      waiter: "src",
      pid: 12,
      does: "write",
      from: "src",
      to: "b",
      waitsFor: "b",
      heldBytes: 2 * MIB,
      capacityBytes: 2 * MIB,
    },
    {
      waiter: "b",
      pid: 13,
      does: "read",
      from: "src",
      to: "b",
      waitsFor: "src",
      heldBytes: 0,
      capacityBytes: 0,
    },
  ];
  const picture = [
    "  ┌▶ src  cannot write src → b: full, holds 2 MiB of 2 MiB; waits for b [process 12]",
    "  └─ b    cannot read src → b: empty; waits for src [process 13]",
  ];
  const deadlock = {
    kind: "deadlock",
    cycle,
    room: { memory: 64 * MIB, spill: 1024 * MIB, folder: "/tmp", isSpillShare: false },
    stored: { memory: 64 * MIB, spill: 1.5 * MIB },
  } as const;

  test("says when no larger buffer can help", () => {
    expect(linesOf({ ...deadlock, cause: { kind: "nobody" } })).toEqual([
      "Deadlock: these actors wait for each other, and no larger buffer can help:",
      ...picture,
      "  none of them can write what the next one waits for",
    ]);
  });

  test("says which limits are used up, and what to do", () => {
    expect(linesOf({ ...deadlock, cause: { kind: "limit" } })).toEqual([
      "Deadlock: these actors wait for each other, and the limits of the flow are used up:",
      ...picture,
      "  64 MiB are held in memory, 1.5 MiB on disk; limits.memory is 64 MiB, limits.spill 1 GiB",
      '  allow more with "limits": {"spill": "…"} in the flow',
      "  or change the order in which the streams are read",
    ]);
    const room = { ...deadlock.room, spill: MIB, isSpillShare: true };
    expect(linesOf({ ...deadlock, room, cause: { kind: "limit" } })).toEqual([
      'Deadlock: these actors wait for each other, and the room in the temporary folder "/tmp" is used up:',
      ...picture,
      "  64 MiB are held in memory, 1.5 MiB on disk; limits.memory is 64 MiB; of the folder 1 MiB are used, half of what was free at the start",
      '  make room in it, or set TMPDIR to a folder on a larger disk, or allow more with "limits": {"spill": "…"} in the flow',
      "  or change the order in which the streams are read",
    ]);
  });

  test("says why the disk takes no more, and what to do", () => {
    const cause = { kind: "disk", errno: "ENOSPC", reason: "no space left on device" } as const;
    expect(linesOf({ ...deadlock, cause })).toEqual([
      'Deadlock: these actors wait for each other, and the temporary folder "/tmp" is full (ENOSPC: no space left on device):',
      ...picture,
      "  64 MiB are held in memory, 1.5 MiB on disk; make room in it, or set TMPDIR to a folder on a larger disk",
      "  or change the order in which the streams are read",
    ]);
  });

  test("shows one that waits for itself", () => {
    const [step] = cycle;
    const lines = linesOf(
      { ...deadlock, cycle: step === undefined ? [] : [step], cause: { kind: "nobody" } },
      true,
    );
    expect(lines.slice(0, 2)).toEqual([
      "\x1b[31mDeadlock: these actors wait for each other, and no larger buffer can help:\x1b[0m",
      "  ⟳  src  cannot write src → b: full, holds 2 MiB of 2 MiB; waits for b [process 12]",
    ]);
  });
});
