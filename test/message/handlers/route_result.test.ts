import { describe, expect, test } from "vitest";
import {
  errorMessage,
  type Handled,
  readAnswer,
  routeResults,
} from "../../../lib/message/handlers/route_result.ts";
import { modified, routeCases } from "../route_cases.ts";

const handled: Handled = {
  message_type: "Order",
  message_id: "7",
  route: { actors: ["a", "b"], current: 0, metadata: { m: 1 } },
  headers: { trace: "t" },
  message: { n: 1 },
};
const isActor = (name: string) => name !== "nobody";
const options = { checks: "strict", hopsMax: 10, isActor } as const;
const moved = { actors: ["a", "b"], current: 1, metadata: { m: 1 }, hops: 1 };

describe("routeResults()", () => {
  test("one result keeps the id, the headers and the route", () => {
    expect(routeResults(handled, { outputs: [{ message: null }], ...options })).toEqual({
      ok: true,
      messages: [{ to: { actor: "b" }, envelope: { ...handled, route: moved, message: null } }],
    });
  });

  test("of several the first keeps the id, the others name it as their parent", () => {
    const outputs = [{ message: 1 }, { message: 2, headers: { own: 1 } }, {
      message: 3,
      message_type: "Bill",
    }];
    expect(routeResults({ ...handled, parent_id: "6" }, { outputs, ...options })).toEqual({
      ok: true,
      messages: [
        { to: { actor: "b" }, envelope: { ...handled, parent_id: "6", route: moved, message: 1 } },
        {
          to: { actor: "b" },
          envelope: {
            ...handled,
            message_id: "7-1",
            parent_id: "7",
            headers: { own: 1 },
            route: moved,
            message: 2,
          },
        },
        {
          to: { actor: "b" },
          envelope: {
            ...handled,
            message_type: "Bill",
            message_id: "7-2",
            parent_id: "7",
            route: moved,
            message: 3,
          },
        },
      ],
    });
  });

  test("with none, the message itself is at its end, as it was", () => {
    expect(routeResults(handled, { outputs: [], ...options }))
      .toEqual({ ok: true, messages: [{ to: "end", envelope: handled }] });
  });

  test("past the last actor is the end", () => {
    const route = { actors: ["a"], current: 0 };
    expect(routeResults({ ...handled, route }, { outputs: [{ message: 1 }], ...options })).toMatchObject({
      messages: [{ to: "end", envelope: { route: { actors: ["a"], current: 1 }, message: 1 } }],
    });
  });

  test.each(routeCases)("every result obeys the rules or none is routed: $name", ({ went, came, strict }) => {
    const outputs = [{ message: 1 }, { message: 2, route: came["route"] }];
    const result = routeResults({ ...handled, route: went }, { ...options, outputs });
    expect(result.ok ? null : result.error).toEqual(
      strict === null
        ? null
        : { code: "processing_error", message: `Invalid output envelope[1/2]: ${strict}` },
    );
  });

  test.each([
    [
      { message: 1, route: { actors: ["x", "b"], current: 0 } },
      modified("['a']", "['x']", 0),
    ],
    [{ message: 1, route: 3 }, "Field 'route' must be a dict"],
    [{ message: 1, headers: 3 }, "Field 'headers' must be a dict"],
    [{ message: 1, route: { actors: ["a", "nobody"], current: 0 } }, "Actor 'nobody' not found"],
  ])("one that cannot be routed keeps the others back: %j", (output, complaint) => {
    expect(routeResults(handled, { ...options, outputs: [{ message: 0 }, { message: 0 }, output] })).toEqual({
      ok: false,
      error: { code: "processing_error", message: `Invalid output envelope[2/3]: ${complaint}` },
    });
  });

  test("lenient: a handler moves on itself; one that says nothing is moved on", () => {
    const lenient = { ...options, checks: "lenient" } as const;
    const route = { actors: ["a", "b", "c"], current: 2 };
    expect(routeResults(handled, { ...lenient, outputs: [{ message: 1, route }, { message: 2 }] }))
      .toMatchObject({ messages: [{ to: { actor: "c" } }, { to: { actor: "b" } }] });
  });

  test("what handlers say of hops does not count", () => {
    const far = { ...handled, route: { ...handled.route, hops: 10 } };
    const outputs = [{ message: 1, route: { actors: ["a", "b"], current: 0, hops: 0 } }];
    expect(routeResults(far, { ...options, outputs })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("it has passed 10 actors") },
    });
  });
});

describe("errorMessage()", () => {
  test("tells the failure, with the route and the payload that went in", () => {
    const error = { code: "processing_error", message: "bad", details: { type: "ValueError" } };
    expect(errorMessage(handled, error)).toEqual({
      ...handled,
      message: {
        error: "processing_error",
        details: { message: "bad", type: "ValueError" },
        original_payload: { n: 1 },
      },
    });
    expect(errorMessage(handled, { code: "c", message: "m" }).message)
      .toEqual({ error: "c", details: { message: "m" }, original_payload: { n: 1 } });
  });
});

describe("readAnswer()", () => {
  test.each([
    [{ result: "1", messages: [] }],
    [{ result: "1", messages: [{ message: null, route: 1, headers: 2 }] }],
    [{ result: "1", error: { code: "c", message: "m", details: [1] } }],
  ])("takes %j", (value) => expect(readAnswer(value)).toEqual({ ok: true, value }));

  test("fills in what an error does not say", () => {
    expect(readAnswer({ result: "1", error: {} }))
      .toEqual({ ok: true, value: { result: "1", error: { code: "processing_error", message: "" } } });
  });

  test.each([
    [null],
    [3],
    [[]],
    [{}],
    [{ result: 1, messages: [] }],
    [{ result: "1" }],
    [{
      result: "1",
      messages: {},
    }],
    [{ result: "1", messages: [{}] }],
    [{ result: "1", messages: [1] }],
    [{ result: "1", error: "text" }],
  ])(
    "refuses %j",
    (value) => expect(readAnswer(value).ok).toBe(false),
  );
});
