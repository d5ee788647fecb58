/** The Unix-socket server: what the fifth seed describes. Each fault that its originals have is a test. */
import { existsSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { routeCases, seedCases, shapeCases } from "../message/route_cases.ts";
import { exchange, frame, pythons, serve, stopServers } from "./socket_rig.ts";

afterEach(stopServers);

const route = { actors: ["a", "b", "c"], current: 0 };
const envelopes = { ASYA_RESPONSE_FORMAT: "envelopes" };
const envelopeMode = { ASYA_HANDLER_MODE: "envelope" };
const ok = (result: unknown) => ({ status: "ok", result });
const failed = (error: string, message: unknown, type: string) => ({
  status: "error",
  error,
  message,
  type,
  severity: "fatal",
});

describe.each(pythons)("%s", (python) => {
  test("runs the payload examples of the seed", async () => {
    const predict = await serve("my_app.handler.predict", {}, python);
    expect(await predict.ask({ id: "1", route, payload: { prompt: "olleh" } }))
      .toEqual(ok({ generated_text: "hello" }));
    const process = await serve("my_app.handler.process", {}, python);
    expect(await process.ask({ id: "1", route, payload: { text: "t" } }))
      .toEqual(ok([{ task: "analyze", data: "t" }, { task: "summarize", data: "t" }]));
  });

  test("runs the envelope examples of the seed", async () => {
    const router = await serve("my_app.handler.smart_router", envelopeMode, python);
    const payload = { needs_validation: true };
    expect(await router.ask({ id: "1", route, payload, headers: { trace: "t" } })).toEqual(ok({
      payload: { processed: true, ...payload },
      route: { actors: ["a", "b", "c", "validator", "finalizer"], current: 0 },
      headers: { trace: "t" },
    }));
    const aware = await serve("my_app.handler.process_with_context", envelopeMode, python);
    expect(await aware.ask({ route: { actors: ["a", "b"], current: 1 }, payload: 1 })).toEqual(ok({
      payload: { is_final_step: true },
      route: { actors: ["a", "b", "cleanup"], current: 1 },
    }));
    expect(await aware.ask({ route: { actors: ["a", "b"], current: 0 }, payload: 1 })).toEqual(ok({
      payload: { is_final_step: false },
      route: { actors: ["a", "b"], current: 0 },
    }));
  });

  test("checks routes by the same table as the engine", async () => {
    const strict = await serve("cases.return_route", envelopeMode, python);
    const lenient = await serve(
      "cases.return_route",
      { ...envelopeMode, ASYA_ROUTE_RULES: "lenient" },
      python,
    );
    const off = await serve("cases.return_route", { ...envelopeMode, ASYA_ENABLE_VALIDATION: "no" }, python);
    const told: unknown[] = [];
    const expected: unknown[] = [];
    for (const { name, went, came, strict: complaint, lenient: other = complaint } of routeCases) {
      for (const [server, text] of [[strict, complaint], [lenient, other], [off, null]] as const) {
        // `current` at its beginning may be left out.
        const filled = server === off ? came : { ...came, route: { current: 0, ...came["route"] as object } };
        told.push([name, await server.ask({ route: went, payload: came })]);
        expected.push([
          name,
          text === null
            ? ok(filled)
            : failed("processing_error", `Invalid output envelope[0/1]: ${text}`, "ValueError"),
        ]);
      }
    }
    expect(told).toEqual(expected);
    expect(seedCases.length).toBe(6);
  });

  test("finds what is wrong with an envelope in the same order as the engine", async () => {
    const server = await serve("cases.return_route", envelopeMode, python);
    const told: unknown[] = [];
    for (const { came } of shapeCases) {
      told.push(await server.ask({ route: { actors: ["a"], current: 0 }, payload: came }));
    }
    expect(told).toEqual(
      shapeCases.map(({ complaint }) =>
        failed("processing_error", `Invalid output envelope[0/1]: ${complaint}`, "ValueError")
      ),
    );
  });

  test("waits for async functions, in one loop for all calls", async () => {
    const later = await serve("cases.later", {}, python);
    expect(await later.ask({ route, payload: 1 })).toEqual(ok({ later: 1 }));
    const slowly = await serve("cases.Predictor.slowly", {}, python);
    await slowly.ask({ route, payload: 1 });
    expect(await slowly.ask({ route, payload: 1 })).toEqual(ok({ count: 12, loop: true }));
  });

  test("a generator fans out, also an async one", async () => {
    const generate = await serve("cases.generate", {}, python);
    expect(await generate.ask({ route, payload: 2 })).toEqual(ok([{ n: 0 }, { n: 1 }]));
    expect(await generate.ask({ route, payload: 0 })).toEqual(ok([]));
    const asyncly = await serve("cases.generate_async", {}, python);
    expect(await asyncly.ask({ route, payload: 2 })).toEqual(ok([0, 1]));
  });

  test("a handler that takes too long is interrupted, and the server goes on", async () => {
    const env = { ASYA_HANDLER_TIMEOUT: "0.2" };
    const text = "Handler has not ended within 0.2s";
    for (const handler of ["cases.loop_for_ever", "cases.never"]) {
      const server = await serve(handler, env, python);
      expect(await server.ask({ route, payload: 1 })).toEqual(failed("timeout_error", text, "Failure"));
      expect(await server.ask({ route, payload: 1 })).toEqual(failed("timeout_error", text, "Failure"));
    }
  });

  test("one that cannot be interrupted is answered for, and the server ends", async () => {
    const server = await serve("cases.sleep_deaf", { ASYA_HANDLER_TIMEOUT: "0.2" }, python);
    expect(await server.ask({ route, payload: 1 })).toMatchObject({
      error: "timeout_error",
      message: expect.stringContaining("the process ends"),
    });
    expect((await server.started.ended).code).toBe(1);
    expect([existsSync(server.path)]).toEqual([false]);
  });
});

describe("payload mode", () => {
  test("None is null, a tuple is a list, metadata comes when asked for", async () => {
    const nothing = await serve("cases.nothing");
    expect(await nothing.ask({ route, payload: 1 })).toEqual(ok(null));
    const tuple = await serve("cases.tuple_of");
    expect(await tuple.ask({ route, payload: 1 })).toEqual(ok([1, 2]));
    const seen = await serve("cases.seen", { ASYA_INCLUDE_METADATA: "Yes" });
    const envelope = { id: "1", parent_id: "0", route, headers: { h: 1 }, payload: null };
    expect(await seen.ask(envelope)).toEqual(ok({ seen: envelope }));
  });

  test("in the other format: envelopes that have moved on, with their headers", async () => {
    const same = await serve("cases.same", envelopes);
    const headers = { trace: "t" };
    const withMetadata = { ...route, metadata: { m: 1 } };
    expect(await same.ask({ id: "1", parent_id: "0", route: withMetadata, headers, payload: [1, null] }))
      .toEqual([
        { route: { ...withMetadata, current: 1 }, headers, payload: 1 },
        { route: { ...withMetadata, current: 1 }, headers, payload: null },
      ]);
    expect(await same.ask({ route: { actors: ["a"] }, payload: {} }))
      .toEqual([{ route: { actors: ["a"], current: 1 }, payload: {} }]);
    expect(await same.ask({ route, payload: null })).toEqual([]);
  });

  test("fault: a route at its end is not moved past it", async () => {
    const same = await serve("cases.same", envelopes);
    const atEnd = { actors: ["a"], current: 1 };
    expect(await same.ask({ route: atEnd, payload: 1 })).toEqual([{ route: atEnd, payload: 1 }]);
    const echo = await serve("cases.echo", { ...envelopes, ...envelopeMode });
    expect(await echo.ask({ route: atEnd, payload: 1 })).toEqual([{ route: atEnd, payload: 1 }]);
  });
});

describe("envelope mode", () => {
  test("fault: changing the route in place does not get round the rules", async () => {
    const mutate = await serve("cases.mutate", envelopeMode);
    expect(await mutate.ask({ route: { actors: ["a", "b"], current: 0 }, payload: 1 })).toMatchObject({
      error: "processing_error",
      message: expect.stringContaining(
        "Input route had ['a'] (actors 0-0), but output route starts with ['stolen']",
      ),
    });
  });

  test("one wrong envelope fails the whole fan-out, and says which", async () => {
    const server = await serve("cases.two_of_three", { ...envelopes, ...envelopeMode });
    expect(await server.ask({ route, payload: 1 })).toEqual([{
      error: "processing_error",
      details: {
        message: expect.stringMatching(/^Invalid output envelope\[1\/3\]: Route modification error/),
        type: "ValueError",
        traceback: expect.stringContaining("check_results"),
      },
    }]);
  });

  test("fault: headers stay when the handler says nothing of them", async () => {
    const server = await serve("cases.without_headers", envelopeMode);
    expect(await server.ask({ route, payload: 0, headers: { h: 1 } }))
      .toEqual(ok({ payload: 1, route, headers: { h: 1 } }));
  });

  test("in the other format the envelope moves on, unless handlers do that themselves", async () => {
    const echo = await serve("cases.echo", { ...envelopes, ...envelopeMode });
    expect(await echo.ask({ id: "1", route, payload: 0, unknown: 1 }))
      .toEqual([{ id: "1", route: { ...route, current: 1 }, payload: 0 }]);
    const move = await serve("cases.move", { ...envelopes, ...envelopeMode, ASYA_ROUTE_RULES: "lenient" });
    expect(await move.ask({ id: "1", route, payload: 0 }))
      .toEqual([{ id: "1", route: { ...route, current: 1 }, payload: 0 }]);
  });

  test("without validation nothing is asked of an envelope", async () => {
    const empty = await serve("cases.empty", {
      ...envelopes,
      ...envelopeMode,
      ASYA_ENABLE_VALIDATION: "false",
    });
    expect(await empty.ask({ id: 7 })).toEqual([{}]);
  });
});

describe("every failure gets an answer", () => {
  test("fault: a handler that raises anything, and goes on serving", async () => {
    const server = await serve("cases.fail");
    const raised = [
      ["value", "bad value", "ValueError"],
      ["exit", "Handler called sys.exit(3)", "SystemExit"],
      ["interrupt", "KeyboardInterrupt", "KeyboardInterrupt"],
      ["silent", "ValueError", "ValueError"],
      ["words", "WithoutWords", "WithoutWords"],
      ["base", "of the base", "BaseException"],
      ["surrogate", "\ud800", "ValueError"],
      ["none such", "'none such'", "KeyError"],
    ] as const;
    const told: unknown[] = [];
    for (const [payload] of raised) told.push(await server.ask({ route, payload }));
    expect(told).toEqual(raised.map(([, message, type]) => failed("processing_error", message, type)));
  });

  test("when memory is out, when to try again is told", async () => {
    const server = await serve("cases.fail");
    expect(await server.ask({ route, payload: "memory" })).toEqual({
      ...failed("oom_error", "Out of memory", "MemoryError"),
      severity: "recoverable",
      retry_after: 30,
    });
    expect(await server.ask({ route, payload: "cuda" })).toEqual({
      ...failed("cuda_oom_error", "CUDA out of memory. Tried to allocate 2.00 GiB", "RuntimeError"),
      severity: "recoverable",
      retry_after: 60,
    });
    const off = await serve("cases.fail", { ASYA_ENABLE_OOM_DETECTION: "false" });
    expect(await off.ask({ route, payload: "memory" })).toMatchObject({ error: "processing_error" });
  });

  test("fault: a result that is no JSON", async () => {
    const server = await serve("cases.answer");
    const results = [
      ["{1}", /not JSON serializable/],
      ["b'x'", /not JSON serializable/],
      ["object()", /not JSON serializable/],
      ["open('/dev/null')", /not JSON serializable/],
      ["float('nan')", /not JSON compliant/],
      ["[{'a': [float('-inf')]}]", /not JSON compliant/],
      ["(lambda x: x.append(x) or x)([])", /Circular/],
      ["{(1, 2): 3}", /keys must be/],
    ] as const;
    for (const [payload, message] of results) {
      expect(await server.ask({ route, payload }), payload).toMatchObject({
        status: "error",
        error: "processing_error",
        message: expect.stringMatching(message),
      });
    }
    expect(await server.ask({ route, payload: "'well'" })).toEqual(ok("well"));
  });

  test("generators that fail, or do not end", async () => {
    const fails = await serve("cases.generate_and_fail");
    expect(await fails.ask({ route, payload: 1 }))
      .toEqual(failed("processing_error", "after the first", "ValueError"));
    const endless = await serve("cases.endless");
    expect(await endless.ask({ route, payload: 1 }))
      .toEqual(failed("processing_error", "Handler has yielded more than 65536 messages", "ValueError"));
  });

  test("fault: a body that is no envelope", async () => {
    const bodies = [
      ["{", "invalid_json"],
      ["", "invalid_json"],
      [new Uint8Array([0x22, 0xff, 0x22]), "invalid_json"],
      ['{"payload":NaN}', "invalid_json"],
      ["[".repeat(100_000), "invalid_json"],
      ["7", "processing_error"],
      ["[1]", "processing_error"],
      ['"text"', "processing_error"],
      ["null", "processing_error"],
      ["{}", "processing_error"],
      ['{"payload":1,"route":3}', "processing_error"],
    ] as const;
    const status = await serve("cases.same");
    const array = await serve("cases.same", envelopes);
    const off = await serve("cases.same", { ASYA_ENABLE_VALIDATION: "false" });
    for (const [body, code] of bodies) {
      const [first, second, third] = await Promise.all(
        [status, array, off].map(async ({ path }) =>
          JSON.parse((await exchange(path, frame(body))).toString())
        ),
      );
      expect(first).toMatchObject({ status: "error", error: code });
      const details = expect.objectContaining({ message: expect.any(String) });
      expect(second).toEqual([{ error: "msg_parsing_error", details }]);
      expect(third).toMatchObject(body === '{"payload":1,"route":3}' ? ok(1) : { status: "error" });
    }
  });
});
