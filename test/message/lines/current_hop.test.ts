import { describe, expect, test } from "vitest";
import { readCurrentHop } from "../../../lib/message/lines/current_hop.ts";

describe("readCurrentHop()", () => {
  test.each([
    [{ actors: ["a", "b"] }, { to: "actor", name: "a" }],
    [{ actors: ["a", "b"], current: null }, { to: "actor", name: "a" }],
    [{ actors: ["a", "b"], current: 1 }, { to: "actor", name: "b" }],
    [{ actors: ["a", "b"], current: 2 }, { to: "end" }],
    [{ actors: [], current: 0 }, { to: "end" }],
    [{ actors: [7], current: 0 }, { to: "end" }],
    [{ actors: ["a"], current: -1 }, { to: "nowhere" }],
    [{ actors: ["a"], current: 0.5 }, { to: "nowhere" }],
    [{ actors: ["a"], current: "0" }, { to: "nowhere" }],
    [{ actors: "a" }, { to: "nowhere" }],
    [{}, { to: "nowhere" }],
  ])("reads %j as %j", (route, hop) => {
    expect(readCurrentHop(route)).toEqual(hop);
  });
});
