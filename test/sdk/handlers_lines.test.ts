/** Handlers on stdin and stdout, as the engine starts them: the same in Python and on the runtimes of JavaScript. */
import { describe, expect, test } from "vitest";
import { envelope, handle, hosts } from "./lines_rig.ts";

const failed = (result: string, message: unknown) => ({
  result,
  error: { code: "processing_error", message, details: expect.any(Object) },
});

describe.each(hosts)("on $name", (host) => {
  const isPython = host.name.startsWith("python");

  test("each message gets one line: a value, several, none", async () => {
    const { code, answers } = await handle(host, {
      handler: "same",
      payloads: [{ ä: "€😀" }, [1, null, "x"], null, [], 0, "", false],
    });
    expect({ code, answers }).toEqual({
      code: 0,
      answers: [
        { result: "0", messages: [{ message: { ä: "€😀" } }] },
        { result: "1", messages: [{ message: 1 }, { message: null }, { message: "x" }] },
        { result: "2", messages: [] },
        { result: "3", messages: [] },
        { result: "4", messages: [{ message: 0 }] },
        { result: "5", messages: [{ message: "" }] },
        { result: "6", messages: [{ message: false }] },
      ],
    });
  });

  test("a class is made once", async () => {
    const { answers } = await handle(host, { handler: "Predictor.predict", payloads: [1, 1, 1] });
    expect(answers.map(({ messages }) => messages[0].message.count)).toEqual([11, 12, 13]);
    expect(new Set(answers.map(({ messages }) => messages[0].message.pid)).size).toBe(1);
  });

  test("async functions and generators", async () => {
    const told = await Promise.all(
      ["later", "generate", "generate_async"].map((handler) => handle(host, { handler, payloads: [2, 0] })),
    );
    expect(told.map(({ answers }) => answers.map(({ messages }) => messages))).toEqual([
      [[{ message: { later: 2 } }], [{ message: { later: 0 } }]],
      [[{ message: { n: 0 } }, { message: { n: 1 } }], []],
      [[{ message: 0 }, { message: 1 }], []],
    ]);
    const { answers } = await handle(host, { handler: "endless", payloads: [1] });
    expect(answers).toEqual([failed("0", "Handler has yielded more than 65536 messages")]);
  });

  test("metadata comes when asked for", async () => {
    const { answers } = await handle(host, {
      handler: "seen",
      env: { SLUICE_HANDLER_METADATA: "true" },
      lines: [
        envelope(1, "7", { headers: { h: 1 }, parent_id: "6", message_type: "Order" }),
        { message_type: "Record", sender_actor: null, message_id: "8", message: null },
      ].map((each) => JSON.stringify(each)),
    });
    expect(answers.map(({ messages }) => messages)).toEqual([
      [{
        message: {
          seen: {
            payload: 1,
            route: { actors: ["a", "b"], current: 0 },
            headers: { h: 1 },
            id: "7",
            parent_id: "6",
            message_type: "Order",
          },
        },
      }],
      [{
        message: {
          seen: {
            payload: null,
            route: { actors: ["a"], current: 0 },
            headers: {},
            id: "8",
            message_type: "Record",
          },
        },
      }],
    ]);
  });

  test("envelope mode gives routes as they are returned: the engine judges them", async () => {
    const added = await handle(host, { handler: "add_itself", mode: "envelope", payloads: [5] });
    expect(added.answers).toEqual([
      { result: "0", messages: [{ message: 5, route: { actors: ["a", "b", "a"], current: 0 } }] },
    ]);
    const three = await handle(host, { handler: "two_of_three", mode: "envelope", payloads: [5] });
    expect(three.answers[0].messages.map(({ message }: { message: number }) => message)).toEqual([1, 2, 1]);
    const echo = await handle(host, {
      handler: "echo",
      mode: "envelope",
      lines: [JSON.stringify(envelope(5, "0", { headers: { h: 1 }, message_type: "Order" }))],
    });
    expect(echo.answers).toEqual([{
      result: "0",
      messages: [{
        message: 5,
        route: { actors: ["a", "b"], current: 0 },
        headers: { h: 1 },
        message_type: "Order",
      }],
    }]);
  });

  test("envelope mode wants envelopes", async () => {
    const checked = await handle(host, { handler: "empty", mode: "envelope", payloads: [1] });
    expect(checked.answers).toEqual([
      failed("0", "Invalid output envelope[0/1]: Missing required field 'payload' in envelope"),
    ]);
    const unchecked = await handle(host, {
      handler: "empty",
      mode: "envelope",
      payloads: [1],
      env: { SLUICE_HANDLER_VALIDATE: "false" },
    });
    expect(unchecked.answers).toEqual([{ result: "0", messages: [] }]);
  });

  test("every failure gets a line, and the next message its own", async () => {
    const raised = await handle(host, { handler: "fail", payloads: ["value", "value"] });
    expect(raised.answers).toEqual([failed("0", "bad value"), failed("1", "bad value")]);
    expect(raised.stderr).toContain("bad value");
    expect(raised.answers[0].error.details).toEqual({
      type: isPython ? "ValueError" : "TypeError",
      traceback: expect.stringContaining("cases"),
    });
    const left = await handle(host, { handler: "leave", payloads: [3, 0] });
    expect(left.code).toBe(0);
    expect(left.answers.map(({ error }) => error.message)).toEqual(
      isPython
        ? ["Handler called sys.exit(3)", "Handler called sys.exit(0)"]
        : ["Handler called process.exit(3)", "Handler called process.exit(0)"],
    );
  });

  test("what is no JSON is refused, not made into something else", async () => {
    const values = isPython
      ? ["float('nan')", "[{'a': float('inf')}]", "{1}", "object()", "'null {}'"]
      : ["NaN", "[{a: Infinity}]", "new Set([1])", "() => 1", "'null {}'"];
    const { answers } = await handle(host, { handler: "answer", payloads: values });
    expect(answers.map(({ error, messages }) => error?.code ?? messages)).toEqual([
      ...Array(4).fill("processing_error"),
      [{ message: "null {}" }],
    ]);
  });

  test("what a handler prints goes to stderr", async () => {
    const { answers, stderr } = await handle(host, { handler: "print_and_return", payloads: [1, 2] });
    expect(answers).toEqual([
      { result: "0", messages: [{ message: 1 }] },
      { result: "1", messages: [{ message: 2 }] },
    ]);
    expect(stderr.match(/printed by the handler/g)?.length).toBe(2);
    expect(stderr).toContain("written");
    if (isPython) expect(stderr.match(/echoed by a child/g)?.length).toBe(2);
  });

  test("what the engine says is acknowledged; Shutdown is the end", async () => {
    const said = ["Start", "Activate"].map((message_type) => ({
      message_type,
      receiver: "a",
      sender_actor: "$engine",
      message_id: message_type,
      message: {},
    }));
    const { code, answers } = await handle(host, {
      handler: "same",
      lines: [
        ...said,
        envelope(1, "1", { message_type: "Shutdown" }),
        { message_type: "Shutdown", receiver: "a", sender_actor: "$engine", message: {} },
        envelope(2, "2"),
      ].map((each) => JSON.stringify(each)),
    });
    expect({ code, answers }).toEqual({
      code: 0,
      answers: [{ ack: "Start" }, { ack: "Activate" }, { result: "1", messages: [{ message: 1 }] }],
    });
  });

  test("a payload of a megabyte, one too deep, and many", async () => {
    const large = "€".repeat(300_000);
    const many = [...Array(2_000).keys()];
    const { answers } = await handle(host, { handler: "same", payloads: [large, ...many] });
    expect(answers.map(({ messages }) => messages[0].message)).toEqual([large, ...many]);
    const deep = JSON.stringify(envelope("DEEP", "9")).replace(
      '"DEEP"',
      "[".repeat(100_000) + "]".repeat(100_000),
    );
    const told = await handle(host, { handler: "same", lines: [deep, JSON.stringify(envelope(1, "1"))] });
    expect(told.answers.map(({ result }) => result)).toEqual(["9", "1"]);
  });

  test.each(
    isPython
      ? [
        ["Predictor", /is a class/],
        ["nowhere", /has no 'nowhere'/],
        ["NeedsArgument.predict", /must have a default value/],
        ["number", /of type int/],
      ] as const
      : [
        ["Predictor", /is a class/],
        ["nowhere", /has no export "nowhere"/],
        ["NeedsArgument.predict", /must have default values/],
        ["number", /of type number/],
        ["1", /invalid handler "cases.ts#1" \(expected path\.ts#export/],
      ] as const,
  )("%s is refused at the start", async (handler, message) => {
    const { code, answers, stderr } = await handle(host, { handler, payloads: [1] });
    expect({ code, answers }).toEqual({ code: 1, answers: [] });
    expect(stderr).toMatch(message);
  });
});
