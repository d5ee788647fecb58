/** Acknowledgements of every kind, in any order: see fixtures/messages/batches.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, root, runtimes, start } from "./rig.ts";

const BATCHES = join(root, "test/fixtures/messages/batches.py");
const LINES = Array.from({ length: 47 }, (_, index) => `${index}\n`).join("");

const KEPT = { delivery: "at-least-once" };

/** How a batch is acknowledged, and what the flow says of its actor. */
const WAYS: Readonly<Record<string, { readonly args: readonly string[]; readonly more: object }>> = {
  backward: { args: ["10", "backward"], more: KEPT },
  twice: { args: ["10", "twice"], more: KEPT },
  unknown: { args: ["3", "unknown"], more: KEPT },
  answer: { args: ["10", "answer"], more: KEPT },
  nack: { args: ["5", "nack"], more: KEPT },
  none: { args: ["10", "none"], more: KEPT },
  backwardOnce: { args: ["40", "backward"], more: {} },
  last: { args: ["10", "last"], more: {} },
  once: { args: ["4", "once"], more: {} },
  prefetched: { args: ["20", "forward", "quiet"], more: { prefetch: 20 } },
};

function actorOf(args: readonly string[], more: object): object {
  return { run: ["python3", BATCHES, ...args], protocol: "messages", in: "lines", ...more };
}

function sorted(text: string): string {
  return text.split("\n").slice(0, -1).map(Number).toSorted((a, b) => a - b).map((n) => `${n}\n`).join("");
}

/** The messages that were lost, by the result at the end of standard error. */
function lostOf(stderr: string): readonly object[] {
  const line = stderr.split("\n").findLast((each) => each.startsWith("{")) ?? "null";
  const { failures } = JSON.parse(line) as { failures: readonly Readonly<Record<string, unknown>>[] };
  return failures.map(({ code, messageType, receiver, count }) => ({ code, messageType, receiver, count }))
    .toSorted((a, b) => String(a.receiver).localeCompare(String(b.receiver)));
}

describe.each(runtimes)("acknowledgements on $name", (runtime) => {
  test("come in batches and in any order, twice, or not at all", async () => {
    const names = Object.keys(WAYS);
    const folder = makeFolder({
      "flow.json": {
        actors: {
          lines: { value: LINES },
          ...Object.fromEntries(
            Object.entries(WAYS).map(([name, { args, more }]) => [name, actorOf(args, more)]),
          ),
          done: { sh: "cat >/dev/null", protocol: "messages" },
          // Files of `out` would not be put in place: messages are lost.
          ...Object.fromEntries(
            names.map((name) => [`${name}-kept`, { sh: `cat > ${name}.txt`, in: name }]),
          ),
        },
      },
    });
    const { stderr, code } = await start(runtime, ["flow.json", "--json"], { cwd: folder }).ended;
    // What is said after the last word of the engine comes too late, and who has to acknowledge has to.
    expect([code, lostOf(stderr)], stderr).toEqual([1, [
      { code: "ENDED", messageType: "Done", receiver: "done", count: 7 },
      { code: "ENDED", messageType: "Record", receiver: "none", count: 47 },
    ]]);
    for (const name of names) {
      expect([name, sorted(readFileSync(join(folder, `${name}.txt`), "utf8"))]).toEqual([name, LINES]);
    }
  });

  test("never come for less than a batch: that is told", async () => {
    const actors = { lines: { value: LINES }, batches: actorOf(["20", "forward"], { prefetch: 5 }) };
    const folder = makeFolder({ "flow.json": { actors } });
    const { stderr, code } = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    expect(code, stderr).toBe(3);
    expect(stderr).toContain('Actor "batches" acknowledges none of the 5 messages that it has');
  });

  test("mean the message though its identity was passed on, or belongs to several", async () => {
    const pass = 'select(.message_type == "Record") | {topic: "all", message, message_id}';
    const folder = makeFolder({
      "flow.json": {
        actors: {
          lines: { value: LINES },
          pass: { run: ["jq", "-c", "--unbuffered", pass], protocol: "messages", in: "lines" },
          one: { ...actorOf(["3", "forward"], KEPT), subscribe: "all", in: [] },
          two: { ...actorOf(["4", "backward"], KEPT), subscribe: "all", in: [] },
        },
        out: { "-": "one", "two.txt": "two" },
      },
    });
    const { stdout, stderr, code } = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    expect([code, stdout], stderr).toEqual([0, LINES]);
  });
});
