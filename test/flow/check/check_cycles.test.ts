/** Cycles among actors: each is named, however long, and nothing else is taken for one. */
import { describe, expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

describe("checkFlow() finds cycles", () => {
  test("a -> b -> c -> a, and d -> d", () => {
    const actors = {
      a: { run: ["a"], in: "c" },
      b: { run: ["b"], in: "a" },
      c: { run: ["c"], in: ["b", "b.stderr"] },
      d: { sh: "d", in: "d" },
    };
    expect(messagesOf({ actors, out: "a" })).toEqual([
      'actors.a.in: Cannot order actor "a": it waits for its own output, a -> b -> c -> a (expected no cycle)',
      'actors.d.in: Cannot order actor "d": it waits for its own output, d -> d (expected no cycle)',
    ]);
  });

  test("a cycle through an alias, with other mistakes at the same time", () => {
    const actors = { a: { run: ["a"], in: ".all" }, b: { run: ["b"], in: "a" }, c: { run: ["c"], in: "bb" } };
    expect(messagesOf({ actors, aliases: { ".all": ["b"] } })).toEqual([
      'actors.c.in: Cannot connect "bb": there is no actor or alias "bb" (did you mean "b"?)',
      'actors.a.in: Cannot order actor "a": it waits for its own output, a -> b -> a (expected no cycle)',
    ]);
  });

  test("a ring of 10,000 actors, of which the message shows some", () => {
    const actors = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`n${i}`, { run: ["cat"], in: `n${(i + 9999) % 10_000}` }]),
    );
    const first = Array.from({ length: 10 }, (_, i) => `n${i} -> `).join("");
    const last = Array.from({ length: 10 }, (_, i) => `n${9990 + i} -> `).join("");
    expect(messagesOf({ actors })).toEqual([
      `actors.n0.in: Cannot order actor "n0": it waits for its own output, ${first}(9980 more) -> ${last}n0 (expected no cycle)`,
    ]);
  });

  test("no cycle in a chain of 10,000 and in 100 layers of 100", () => {
    const chain = Array.from(
      { length: 10_000 },
      (_, i) => [`n${i}`, { run: ["cat"], in: i === 9999 ? [] : `n${i + 1}` }],
    );
    const layers = Array.from({ length: 10_000 }, (_, i) => {
      return [`n${i}`, {
        run: ["cat"],
        in: i < 100 ? [] : [`n${i - 100}`, `n${Math.floor(i / 100) * 100 - 100 + (i + 7) % 100}`],
      }];
    });
    expect(flowOf({ actors: Object.fromEntries(chain) }).actors.size).toBe(10_000);
    expect(flowOf({ actors: Object.fromEntries(layers) }).actors.size).toBe(10_000);
  });
});
