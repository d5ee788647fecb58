import { describe, expect, test } from "vitest";
import { brokenRule, checkEnvelope, checkRoute } from "../../../lib/message/handlers/route_rules.ts";
import { routeCases, shapeCases } from "../route_cases.ts";

const input = { actors: ["a"], current: 0 };

describe("checkEnvelope()", () => {
  test.each(routeCases)("a handler that $name", ({ went, came, strict, lenient = strict }) => {
    const complain = (checks: "strict" | "lenient" | "none") => {
      const checked = checkEnvelope(came, { input: went, checks });
      return checked.ok ? null : checked.message;
    };
    expect({ strict: complain("strict"), lenient: complain("lenient"), none: complain("none") })
      .toEqual({ strict, lenient, none: null });
  });

  test.each(shapeCases)("finds: $complaint", ({ came, complaint }) => {
    expect(checkEnvelope(came, { input, checks: "strict" })).toEqual({ ok: false, message: complaint });
  });

  test("gives what is known of an envelope, and a list is none", () => {
    const route = { actors: ["a", "b"], current: 0, metadata: { x: 1 } };
    expect(checkEnvelope({ payload: null, route, headers: { h: 1 }, id: "7", more: 1 }, { checks: "strict" }))
      .toEqual({ ok: true, value: { payload: null, route, headers: { h: 1 }, id: "7" } });
    expect(checkEnvelope({ payload: 0, route, headers: null, id: null }, { checks: "none" }))
      .toEqual({ ok: true, value: { payload: 0, route } });
    expect(checkEnvelope([], { checks: "strict" }))
      .toEqual({ ok: false, message: "Envelope must be a dict, not list" });
    expect(checkEnvelope(null, { checks: "strict" }))
      .toEqual({ ok: false, message: "Envelope must be a dict, not null" });
  });
});

describe("brokenRule()", () => {
  test("strict rules leave nothing but what lies ahead, whatever the route", () => {
    // Every pair of routes of up to three actors of two names: what passes is the prefix, the place, and no more.
    const routes = [1, 2, 3].flatMap((length) =>
      [...Array(2 ** length).keys()].flatMap((bits) =>
        [...Array(length + 1).keys()].map((current) => ({
          actors: [...Array(length).keys()].map((at) => (bits >> at) & 1 ? "x" : "y"),
          current,
        }))
      )
    );
    let passed = 0;
    for (const went of routes) {
      for (const came of routes) {
        const keeps = went.actors.slice(0, went.current + 1).every((actor, at) => actor === came.actors[at]);
        const stays = went.current === came.current &&
          went.actors[went.current] === came.actors[came.current];
        const isBroken = brokenRule(came, went, "strict") !== undefined;
        if (isBroken === (keeps && stays)) expect.fail(JSON.stringify({ went, came, isBroken }));
        expect(brokenRule(came, went, "lenient") === undefined).toBe(keeps);
        if (!isBroken) passed++;
      }
    }
    expect({ pairs: routes.length ** 2, passed }).toEqual({ pairs: 2304, passed: expect.any(Number) });
    expect(passed).toBeGreaterThan(0);
  });
});

describe("checkRoute()", () => {
  test("takes what it knows", () => {
    expect(checkRoute({ actors: ["a"], hops: 9, prev: [] })).toEqual({
      ok: true,
      value: { actors: ["a"], current: 0 },
    });
  });
});
