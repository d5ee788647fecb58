import { describe, expect, test } from "vitest";
import type { RouteChecks } from "../../../lib/core/messaging.ts";
import { nextHop, type Route, routeTo } from "../../../lib/message/handlers/route.ts";

const abc = ["a", "b", "c"];
const isActor = (name: string) => abc.includes(name);
const hop = (route: Route, checks: RouteChecks = "strict", hopsMax = 10) =>
  nextHop(route, { checks, hopsMax, isActor });

describe("nextHop()", () => {
  test.each([
    { current: 0, next: { to: "actor", actor: "b", route: { actors: abc, current: 1, hops: 1 } } },
    { current: 1, next: { to: "actor", actor: "c", route: { actors: abc, current: 2, hops: 1 } } },
    { current: 2, next: { to: "end", route: { actors: abc, current: 3, hops: 1 } } },
    { current: 3, next: { to: "end", route: { actors: abc, current: 3, hops: 1 } } },
  ])("moves on from $current", ({ current, next }) => {
    expect(hop({ actors: abc, current })).toEqual(next);
    expect(hop({ actors: abc, current }, "none")).toEqual(next);
  });

  test("where handlers move themselves, goes to where they point", () => {
    expect(hop({ actors: abc, current: 1, hops: 4 }, "lenient"))
      .toEqual({ to: "actor", actor: "b", route: { actors: abc, current: 1, hops: 5 } });
    expect(hop({ actors: abc, current: 3 }, "lenient"))
      .toEqual({ to: "end", route: { actors: abc, current: 3, hops: 1 } });
  });

  test("keeps metadata, and does not change the route it is given", () => {
    const route = Object.freeze({ actors: abc, current: 0, metadata: { x: 1 } });
    expect(hop(route)).toMatchObject({ route: { metadata: { x: 1 } } });
    expect(route.current).toBe(0);
  });

  test("a message that goes round is stopped", () => {
    let route: Route = routeTo("a");
    let hops = 0;
    while (hops < 100) {
      const next = hop({ ...route, current: 0 }, "lenient", 5);
      if (next.to !== "actor") {
        expect(next).toEqual({
          to: "nowhere",
          reason: 'Cannot send a message on to "a": it has passed 5 actors (expected an end before)',
        });
        break;
      }
      hops++;
      route = next.route;
    }
    expect(hops).toBe(5);
  });

  test("a route that grows with every actor is stopped as well", () => {
    let hops = 0;
    let route: Route = routeTo("a");
    for (; hops < 100; hops++) {
      const next = hop({ ...route, actors: [...route.actors, "a"] });
      if (next.to !== "actor") break;
      route = next.route;
    }
    expect(hops).toBe(10);
  });

  test("says when the next actor does not exist", () => {
    expect(hop({ actors: ["a", "nobody"], current: 0 }))
      .toEqual({ to: "nowhere", reason: "Actor 'nobody' not found" });
    expect(hop({ actors: ["a", "b", "nobody"], current: 0 })).toMatchObject({ to: "actor", actor: "b" });
  });
});
