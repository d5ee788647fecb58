/** `--check-messages`: what is not as the flow says of its actors is refused, told, counted, and fails the run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runHandlers } from "./handlers_rig.ts";
import { type Ended, makeFolder, root, run, type Runtime, runtimes } from "./rig.ts";
import { actor, lines } from "./scripted.ts";

const DEPOSIT = { Deposit: { amount: "number" } };

interface Checked extends Ended {
  /** What was lost, as the result tells it. */
  readonly lost: readonly { readonly code: string; readonly count: number; readonly reason: string }[];
}

async function check(runtime: Runtime, flow: object, more: readonly string[] = []): Promise<Checked> {
  const folder = makeFolder({ "flow.json": flow });
  const ended = await run(runtime, ["flow.json", "--check-messages", "--json", ...more], { cwd: folder });
  const { failures } = JSON.parse(ended.stderr.split("\n").find((line) => line.startsWith("{")) ?? "") as {
    readonly failures: Checked["lost"];
  };
  return { ...ended, lost: failures.map(({ code, count, reason }) => ({ code, count, reason })) };
}

const WRONG = "'Deposit' is not as 'b' accepts it: field \"amount\" is a string (expected number)";
const MISSING = "'Deposit' is not as 'b' accepts it: field \"amount\" is missing";
const UNDECLARED = "Actor 'a' does not say that it emits 'Other' (it emits Deposit, Wish)";
const UNWANTED = "Actor 'b' does not say that it accepts 'Wish' (it accepts Deposit)";

describe.each(runtimes)("--check-messages on $name", (runtime) => {
  const sends = [
    ["send", "b", "Deposit", { amount: "x" }],
    ["send", "b", "Deposit", { amount: 1, do: [["out", "taken"]] }],
    ["send", "b", "Other", {}],
    ["send", "b", "Wish", {}],
    ["send", "b", "Deposit", {}],
    ["send", "b", "Deposit", { amount: "y" }],
  ] as const;
  const flow = {
    actors: {
      a: actor([...sends], { emits: { Deposit: { amount: "any?" }, Wish: {} } }),
      b: actor([], { accepts: DEPOSIT }),
    },
  };

  test("refuses types that are not declared and fields that are not as declared, each by name", async () => {
    const { code, stdout, lost } = await check(runtime, flow);
    const rejected = (type: string, reason: string) => ({ rejected: type, reason, code: "INVALID" });
    expect(lines(stdout).toSorted()).toEqual([
      rejected("Deposit", WRONG),
      rejected("Other", UNDECLARED),
      rejected("Wish", UNWANTED),
      rejected("Deposit", MISSING),
      rejected("Deposit", WRONG),
      "taken",
    ].toSorted());
    expect({ code, lost }).toEqual({
      code: 1,
      lost: [
        { code: "INVALID", count: 2, reason: WRONG },
        { code: "INVALID", count: 1, reason: UNDECLARED },
        { code: "INVALID", count: 1, reason: UNWANTED },
        { code: "INVALID", count: 1, reason: MISSING },
      ],
    });
  });

  test("is told in events, and nothing is refused without it", async () => {
    const folder = makeFolder({ "flow.json": flow });
    await run(runtime, ["flow.json", "--check-messages", "--events", "events"], { cwd: folder });
    const dead = lines(readFileSync(join(folder, "events"), "utf8")).filter((event) =>
      (event as { readonly type: string }).type === "message-dead"
    );
    expect(dead.slice(0, 1)).toMatchObject([{
      code: "INVALID",
      messageType: "Deposit",
      sender: "a",
      receiver: "b",
      reason: WRONG,
    }]);
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([code, stderr.includes("Deposit")], stderr).toEqual([0, false]);
  });

  test("requests and answers that are wrong are answered with INVALID", async () => {
    const { code, stdout, lost } = await check(runtime, {
      actors: {
        a: actor([
          ["ask", "b", "Wish", { n: 1 }, 20_000],
          ["ask", "b", "Wish", { n: "1", do: [["reply", "Told", { n: 1 }]] }, 20_000],
          ["ask", "b", "Wish", { n: "1", do: [["reply", "Told", { n: "1" }]] }, 20_000],
          ["ask", "b", "Wish", { n: "1", do: [["answer", "Sung", {}]] }, 20_000],
        ], { accepts: { Told: { n: "any" } } }),
        b: actor([], { accepts: { Wish: { n: "string" } }, emits: { Told: { n: "string" } } }),
      },
    });
    const answers = lines(stdout).filter((line) =>
      (line as object | null) !== null && "answer" in (line as object)
    );
    expect(answers).toEqual([
      { answer: null, error: "INVALID" },
      { answer: null, error: "INVALID" },
      { answer: { n: "1" }, error: null },
      { answer: null, error: "INVALID" },
    ]);
    expect(code).toBe(1);
    expect(lost.map(({ reason }) => reason)).toEqual([
      "'Wish' is not as 'b' accepts it: field \"n\" is a whole number (expected string)",
      "'Told' is not as 'b' emits it: field \"n\" is a whole number (expected string)",
      "Actor 'b' does not say that it emits 'Sung' (it emits Told)",
    ]);
  });

  test("records of a stream, topics and instances are held against it as well", async () => {
    const { code, lost } = await check(runtime, {
      actors: {
        given: { value: '{"n":1}\n{"n":"2"}\n' },
        r: actor([], { in: "given", accepts: { Record: { n: "number" } } }),
        p: actor([["publish", "t/1", "Said", { n: 1 }], ["send", "k/1", "Said", { n: 2 }]]),
        one: actor([], { subscribe: "t/*", accepts: { Said: { n: "string" } } }),
        other: actor([], { subscribe: "t/*", accepts: ["Said"] }),
        k: actor([], { supervisor: { type: "keyed", hosts: 1 }, accepts: { Said: { n: "boolean" } } }),
      },
    });
    expect(code).toBe(1);
    expect(lost.map(({ reason }) => reason).toSorted()).toEqual([
      "'Record' is not as 'r' accepts it: field \"n\" is a string (expected number)",
      "'Said' is not as 'k' accepts it: field \"n\" is a whole number (expected boolean)",
      "'Said' is not as 'one' accepts it: field \"n\" is a whole number (expected string)",
    ]);
  });

  test("what a dead-letter actor gets is handled", async () => {
    const { code, lost, stdout } = await check(runtime, {
      actors: {
        a: actor([["send", "b", "Deposit", {}]]),
        b: actor([], { accepts: DEPOSIT }),
        d: {
          run: ["jq", "-c", "--unbuffered", 'select(.message_type == "Reject") | {message: .message.reason}'],
          protocol: "messages",
        },
      },
      aliases: { "dead-letter": "d" },
      out: "d",
    });
    expect({ code, lost, stdout }).toEqual({ code: 0, lost: [], stdout: `${JSON.stringify(MISSING)}\n` });
  });

  test("results of a plain function are held against what it emits, all of them or none", async () => {
    const { code, lines: out, stderr } = await runHandlers(runtime, ["a 1", "b"], {
      actors: {
        split: {
          handler: "steps.split",
          in: "in",
          emits: { Record: { $ref: "#/$defs/word", $defs: { word: { pattern: "^[a-z]$" } } } },
        },
      },
      out: "split",
      args: ["--check-messages"],
    });
    expect({ code, out }).toEqual({ code: 1, out: ["b"] });
    expect(stderr).toContain(
      "'Record' is not as 'split' emits it: the message must match pattern \"^[a-z]$\"",
    );
  });

  test("a schema that is none is told with its place, and nothing is started", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: {
            ...actor(),
            run: ["touch", "started"],
            accepts: { Deposit: { properties: { amount: { type: "nmuber" } } } },
          },
        },
      },
    });
    for (const args of [["flow.json", "--check-messages"], ["check", "flow.json"]]) {
      const { code, stderr } = await run(runtime, args, { cwd: folder });
      expect(code).toBe(2);
      expect(stderr).toContain(
        'Cannot hold messages "Deposit" against what "a" accepts: field "properties.amount.type" must be equal',
      );
      expect(stderr).toMatch(/^flow\.json:1:\d+ +actors\.a\.accepts\.Deposit$/m);
    }
    expect(() => readFileSync(join(folder, "started"))).toThrow();
  });

  test("an actor that is spawned may not have such a schema either", async () => {
    const spawned = { run: ["cat"], protocol: "messages", accepts: { X: { $ref: "nowhere" } } };
    const { stdout } = await check(runtime, {
      actors: { a: actor([["ask", "$spawn", "Spawn", { name: "x", actor: spawned }, 20_000]]) },
    });
    expect(lines(stdout)).toEqual([{ answer: null, error: "BAD_ACTOR" }]);
  });

  test("the bank of the examples keeps to what it says", async () => {
    const { code, stderr } = await run(runtime, ["examples/bank/flow.json", "--check-messages", "--quiet"], {
      cwd: root,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
