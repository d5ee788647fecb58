import { describe, expect, test } from "vitest";
import type { Failure } from "../../../lib/core/failure.ts";
import type { ActorActivity } from "../../../lib/core/wait.ts";
import { formatFailure } from "../../../lib/report/text/failure_text.ts";

const MIB = 1024 * 1024;

/** Its lines, without the last line break. */
function linesOf(failure: Failure, color = false): readonly string[] {
  const text = formatFailure(failure, { color });
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

describe("formatFailure() of messages", () => {
  const lost = { kind: "message", code: "NO_ACTOR", reason: "Actor 'b' not found", receiver: "b" } as const;

  test("tells how many were lost, and why", () => {
    const [one] = linesOf({ ...lost, sender: "a", messageType: "T", count: 1 });
    expect(one).toBe(`A message "T" of "a" to "b" was not handled: Actor 'b' not found`);
    const [many] = linesOf({ ...lost, sender: "", messageType: "", count: 7 });
    expect(many).toBe(`7 messages of a stream to "b" were not handled: Actor 'b' not found`);
  });

  test("tells who reads none, or acknowledges none", () => {
    expect(linesOf({ kind: "unread", actor: "a", messages: 3 })[0]).toBe(
      'Actor "a" ended without reading the 3 messages that waited for it',
    );
    expect(linesOf({ kind: "starved", actor: "a", messages: 5 })[0]).toBe(
      'Actor "a" acknowledges none of the 5 messages that it has, and waits for more',
    );
  });
});

describe("formatFailure() of an actor that has failed", () => {
  const exit = { kind: "exit", actor: "parse", command: ["jq", "."], ok: [0], lastLines: [] } as const;

  test("shows its command, how it ended and what it said last", () => {
    expect(linesOf({ ...exit, code: 3, lastLines: ["jq: error", "at line 2"] })).toEqual([
      'Actor "parse" failed: exit 3',
      "  command: jq .",
      "  last lines on stderr:",
      "    jq: error",
      "    at line 2",
    ]);
  });

  test("paints the first line only", () => {
    expect(linesOf({ ...exit, code: 1 }, true)).toEqual([
      '\x1b[31mActor "parse" failed: exit 1\x1b[0m',
      "  command: jq .",
    ]);
  });

  test.each([
    [{ code: 1 }, "exit 1"],
    [{ code: 126 }, "exit 126 (a command was found but could not be executed)"],
    [{ code: 127 }, "exit 127 (a command was not found)"],
    [{ code: 137 }, "exit 137 (a process was ended by SIGKILL, perhaps out of memory)"],
    [{ code: 143 }, "exit 143 (a process was ended by SIGTERM)"],
    [{ signal: "SIGKILL" }, "ended by signal SIGKILL (perhaps out of memory)"],
    [{ signal: "SIGSEGV" }, "ended by signal SIGSEGV"],
    [{ code: 0, ok: [1, 2] }, "exit 0 (expected 1 or 2)"],
    [{ code: 2, ok: [1] }, "exit 2 (expected 1)"],
    [{ code: 127, ok: [0, 1] }, "exit 127 (a command was not found) (expected 0 or 1)"],
  ])("says of %j: %s", (end, expected) => {
    expect(linesOf({ ...exit, ...end })[0]).toBe(`Actor "parse" failed: ${expected}`);
  });

  test("makes commands and lines harmless, and long commands short", () => {
    const command = ["sh", "-c", `echo 'it''s'\n${"x".repeat(300)}`];
    const [, shown = "", , line] = linesOf({
      ...exit,
      command,
      code: 1,
      lastLines: ["\x1b[2J\x1b[31mred\x1b[0m\r"],
    });
    expect([...shown]).toHaveLength("  command: ".length + 200);
    expect(shown).toMatch(/^ {2}command: sh -c \$'echo \\'it\\'\\'s\\'\\nx+…$/);
    expect(line).toBe("    ^[[2Jred");
  });
});

describe("formatFailure() of an actor and its limits", () => {
  const known = { actor: "hog", command: ["python3", "hog.py"], lastLines: [] } as const;

  test.each<[Failure, readonly string[]]>([
    [{ kind: "limit", ...known, limit: "memory", limitBytes: 512 * MIB, usedBytes: 530 * MIB }, [
      'Actor "hog" was killed: over its memory limit of 512 MiB (it held 530 MiB)',
      "  command: python3 hog.py",
    ]],
    [{ kind: "limit", ...known, lastLines: ["begun", "\x1b[2Jon"], limit: "cpu", limitMs: 30_000 }, [
      'Actor "hog" was killed: over its cpu limit of 30 s',
      "  command: python3 hog.py",
      "  last lines on stderr:",
      "    begun",
      "    ^[[2Jon",
    ]],
    [{ kind: "exit", ...known, lastLines: ["too many open files"], code: 1, ok: [0], filesMax: 64 }, [
      'Actor "hog" failed: exit 1',
      "  its limit of open files is 64",
      "  command: python3 hog.py",
      "  last lines on stderr:",
      "    too many open files",
    ]],
  ])("says of %j what it is", (failure, expected) => {
    expect(linesOf(failure)).toEqual(expected);
  });
});

describe("formatFailure() of what the system does not allow", () => {
  test.each<[Failure, readonly string[]]>([
    [{
      kind: "spawn",
      actor: "a",
      command: ["nope", "two words"],
      errno: "ENOENT",
      reason: "no such program",
    }, [
      'Cannot start actor "a": no such program',
      "  command: nope 'two words'",
    ]],
    [{ kind: "spawn", actor: "a", command: [], errno: "EMFILE", reason: "too many open files" }, [
      'Cannot start actor "a": too many open files',
    ]],
    [{ kind: "read", actor: "a", path: "/in.csv", errno: "EIO", reason: "input/output error" }, [
      'Cannot read "/in.csv" for actor "a": EIO: input/output error',
    ]],
    [{ kind: "read", actor: "a", path: "/in.csv", errno: "EIO", reason: "EIO: input/output error" }, [
      'Cannot read "/in.csv" for actor "a": EIO: input/output error',
    ]],
    [{ kind: "write", target: "/out.csv", errno: "ENOSPC", reason: "no space left on device" }, [
      'Cannot write output "/out.csv": ENOSPC: no space left on device',
      "  the disk is full; the file was not put in place",
    ]],
    [{ kind: "write", target: "-", errno: "ENOSPC", reason: "no space left on device" }, [
      "Cannot write standard output: ENOSPC: no space left on device",
      "  the disk is full",
    ]],
    [{ kind: "write", target: "-", errno: "EIO", reason: "input/output error" }, [
      "Cannot write standard output: EIO: input/output error",
    ]],
  ])("says of %j what it is", (failure, expected) => {
    expect(linesOf(failure)).toEqual(expected);
  });

  test("lets no path of a flow reach the terminal as it is", () => {
    const path = "/o\x1b[2J\nx";
    const waiting = {
      waiter: path,
      does: "read",
      from: "a",
      to: path,
      waitsFor: "a",
      heldBytes: 0,
      capacityBytes: 0,
    } as const;
    const failures: readonly Failure[] = [
      { kind: "write", target: path, errno: "EIO", reason: `EIO: open '${path}'` },
      { kind: "read", actor: "a", path, errno: "EIO", reason: `EIO: open '${path}'` },
      {
        kind: "timeout",
        limitMs: 1,
        activities: [{ actor: "a", does: "waits", at: [`writes a → ${path}`] }],
      },
      {
        kind: "deadlock",
        cycle: [waiting],
        cause: { kind: "nobody" },
        room: { memory: 0, spill: 0, folder: "/tmp", isSpillShare: false },
        stored: { memory: 0, spill: 0 },
      },
    ];
    const texts = failures.map((failure) => formatFailure(failure, { color: false }));
    expect(texts.filter((text) => text.includes("\x1b") || text.includes("\nx"))).toEqual([]);
  });
});

describe("formatFailure() of a limit of time", () => {
  const activities: readonly ActorActivity[] = [
    { actor: "src", does: "waits", at: ["writes src → join", "reads a → src"] },
    { actor: "a", does: "works", at: [] },
    { actor: "b", does: "sleeps", at: [] },
    { actor: "c", does: "stopped", at: [] },
    { actor: "d", does: "outside", at: [] },
    { actor: "e", does: "unknown", at: [] },
    { actor: "later", does: "not started", at: [] },
  ];

  test("says what everybody was doing", () => {
    expect(linesOf({ kind: "timeout", limitMs: 90_000, activities })).toEqual([
      "The flow has run for 1 min 30 s, its timeout",
      "  at that moment:",
      "    src    waits: writes src → join, reads a → src",
      "    a      works",
      "    b      sleeps",
      "    c      is stopped by a signal",
      "    d      waits for something outside the flow",
      "    e      unknown",
      "    later  has not started",
    ]);
  });

  test("names the actor whose limit it was", () => {
    expect(linesOf({ kind: "timeout", actor: "src", limitMs: 1500, activities: [] })).toEqual([
      'Actor "src" has run for 1.5 s, its timeout',
    ]);
    expect(linesOf({ kind: "stall", actor: "src", limitMs: 500, activities: activities.slice(1, 2) }))
      .toEqual([
        'Actor "src" has moved no byte for 500 ms, though it could',
        "  at that moment:",
        "    a  works",
      ]);
  });

  test("shows thirty actors and counts the rest", () => {
    const many = Array.from(
      { length: 33 },
      (_, at): ActorActivity => ({ actor: `a${at}`, does: "works", at: [] }),
    );
    const lines = linesOf({ kind: "stall", actor: "a0", limitMs: 1000, activities: many });
    expect(lines).toHaveLength(2 + 30 + 1);
    expect(lines.slice(-2)).toEqual(["    a29  works", "    … and 3 more"]);
    expect(linesOf({ kind: "stall", actor: "a0", limitMs: 1000, activities: many.slice(3) })).toHaveLength(
      32,
    );
  });
});

test("formatFailure() of a database says that the flow went on without it", () => {
  const failure: Failure = { kind: "capture", file: "run.db", errno: "ENOSPC", reason: "disk is full" };
  expect(linesOf(failure)).toEqual([
    'Cannot write database "run.db": ENOSPC: disk is full',
    "  it holds what was written before; the flow goes on without it",
  ]);
});
