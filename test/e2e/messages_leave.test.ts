/** What an actor was given and has not handled when it ends well is for its next process: nothing lost, nothing twice. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Ended, Runtime } from "./rig.ts";
import { makeFolder, root, runtimes, start } from "./rig.ts";

const MESSAGES = 60;
const NUMBERS = Array.from({ length: MESSAGES }, (_, n) => n + 1);
const LINES = NUMBERS.map((n) => `${n}\n`).join("");

const PYTHON = ["python3", join(root, "test/fixtures/sdk/leaves.py")];
const TYPESCRIPT = [...runtimes[0].command.slice(0, -1), join(root, "test/fixtures/sdk/leaves.ts")];
const TELLER = ["python3", join(root, "test/fixtures/sdk/teller.py")];
const UNSAID = ["python3", join(root, "test/fixtures/messages/notes_unsaid.py"), "5"];
const SCRIPTED = ["python3", join(root, "test/fixtures/messages/scripted.py")];

/** Reads whole lines and no byte more, answers so many, and ends. */
const SHELL = "n=0; while read -r line && [ $n -lt 2 ]; do case $line in *Record*) n=$((n + 1)); " +
  'echo "{\\"message\\":${line##*\\"message\\":}"; [ $n = 2 ] && exit 0;; esac; done';

async function play(runtime: Runtime, actors: object): Promise<Ended> {
  const folder = makeFolder({ "flow.json": { actors: { numbers: { value: LINES }, ...actors } } });
  return await start(runtime, ["flow.json", "--json"], { cwd: folder }).ended;
}

function numbersIn({ stdout }: Ended): readonly number[] {
  return stdout.split("\n").flatMap((line) => /^\d+$/.test(line) ? Number(line) : []);
}

describe.each(runtimes)("an actor that leaves, on $name", (runtime) => {
  test.each([
    ["a loop in Python", { run: PYTHON, prefetch: 16, args: { takes: 9 } }],
    ["a loop in TypeScript", { run: TYPESCRIPT, prefetch: 16, args: { takes: 25 } }],
    ["one that takes as much as it likes", { run: PYTHON, args: { takes: 20 } }],
    ["a shell that acknowledges nothing", { run: ["sh", "-c", SHELL] }],
  ])("%s: the next process goes on where it was", async (_, actor) => {
    const ended = await play(runtime, { a: { ...actor, protocol: "messages", in: "numbers" } });
    expect([ended.code, numbersIn(ended)], ended.stderr).toEqual([0, NUMBERS]);
  });

  test("a type that it never acknowledges does not come twice", async () => {
    const sends = NUMBERS.slice(0, 20).flatMap((n) => [["send", "a", "Note", n], ["send", "a", "Item", n]]);
    const ended = await play(runtime, {
      sender: { run: SCRIPTED, protocol: "messages", args: { do: sends } },
      a: { run: UNSAID, protocol: "messages" },
    });
    const wanted = NUMBERS.slice(0, 20).flatMap((n) => [`"Note ${n}"`, `"Item ${n}"`]);
    const written = ended.stdout.split("\n").filter((line) => line.startsWith('"'));
    expect([ended.code, written], ended.stderr).toEqual([0, wanted]);
  });

  test("keeps asks, priorities and keys of what it has not handled", async () => {
    const sends = [1, 2, 3, 4, 5].flatMap((n) => [["many/x", "Leave", { n }], ["many/y", "Leave", { n }]]);
    const ended = await play(runtime, {
      one: { run: TELLER, protocol: "messages", args: sends },
      many: {
        run: TELLER,
        protocol: "messages",
        prefetch: 10,
        supervisor: { type: "keyed", key: "/id", hosts: 1 },
      },
      asker: {
        run: SCRIPTED,
        protocol: "messages",
        args: { do: [["send", "leaver", "Leave", { n: 2 }], ["ask", "leaver", "Ready", {}, 20_000]] },
      },
      leaver: { run: TELLER, protocol: "messages", prefetch: 10 },
    });
    const lines = ended.stdout.split("\n");
    const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
    expect([ended.code, count(/^\{"n":\d,"state":\d\}$/), count(/"yes": ?true/)], ended.stderr).toEqual([
      0,
      11,
      1,
    ]);
  });

  test("without taking anything, each time: that is a failure", async () => {
    const ended = await play(runtime, {
      a: { run: PYTHON, protocol: "messages", prefetch: 16, args: { takes: 0 }, in: "numbers" },
    });
    expect([ended.code, ended.stderr.match(/"kind":"unread"/g)?.length], ended.stderr).toEqual([1, 1]);
    expect(ended.stderr).toContain('"code":"FAILED"');
  });

  test("at least once, one message each time: none is given up", async () => {
    const ended = await play(runtime, {
      a: {
        run: PYTHON,
        protocol: "messages",
        prefetch: 50,
        delivery: "at-least-once",
        args: { takes: 10 },
        in: "numbers",
      },
    });
    expect([ended.code, numbersIn(ended)], ended.stderr).toEqual([0, NUMBERS]);
  });
});
