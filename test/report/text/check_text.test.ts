import { describe, expect, test } from "vitest";
import type { Plan } from "../../../lib/core/plan.ts";
import { flow, type FlowDefinition } from "../../../lib/flow/builder.ts";
import { findHazards, type Hazards } from "../../../lib/graph/find_hazards.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { formatCheck } from "../../../lib/report/text/check_text.ts";

const CAT = ["cat"] as const;

function planOf(definition: FlowDefinition): Plan {
  const planned = planFlow(flow({ name: "f", ...definition }, { folder: "/" }));
  if (!planned.ok) throw new Error(planned.issues.map(({ message }) => message).join("\n"));
  return planned.plan;
}

/** The lines of `check`, without the last line break. */
function linesOf(plan: Plan, { color = false, hazards = findHazards(plan) }: {
  readonly color?: boolean;
  readonly hazards?: Hazards;
} = {}): readonly string[] {
  const text = formatCheck(plan, { ...hazards, color });
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

describe("formatCheck()", () => {
  test("shows each edge in columns, with its carrier and the reason", () => {
    const plan = planOf({
      actors: {
        a: { run: CAT },
        longer: { run: ["cmp", "-", "{in.left}"], in: { stdin: "a", left: "b" } },
        b: { value: "x" },
      },
      out: { "/o": "longer" },
    });
    expect(linesOf(plan)).toEqual([
      "f: 3 actors, 3 edges",
      "  a      → longer         pipe        one kernel pipe: one reader, on no cycle",
      "  b      → longer (left)  relay       a value, written by the engine",
      "  longer → /o             descriptor  the open file is handed to the process",
      "No join would hang with plain pipes.",
    ]);
  });

  test("counts one actor and one edge as such, and paints", () => {
    expect(linesOf(planOf({ actors: { a: { run: CAT } } }), { color: true })).toEqual([
      "\x1b[1mf: 1 actor, 1 edge\x1b[0m",
      "  a → standard output  descriptor  \x1b[90mthe engine's standard output is handed to the process\x1b[0m",
      "No join would hang with plain pipes.",
    ]);
  });

  test("shows what would hang on one input", () => {
    const actors = {
      a: { run: CAT },
      b: { run: CAT, in: "a" },
      c: { run: CAT, in: "a" },
      d: { run: CAT, in: ["b", "c"] },
    };
    expect(linesOf(planOf({ actors })).slice(-4)).toEqual([
      "With plain pipes 1 join would hang; here the engine carries these edges:",
      "  d reads b to its end before c:",
      "    stays empty  a → b → d",
      "    fills up     a → c → d",
    ]);
  });

  test("shows what would hang on two inputs", () => {
    const diff = { run: ["cmp", "-", "{in.right}"], in: { stdin: "b", right: "a" } } as const;
    const plan = planOf({ actors: { a: { run: CAT }, b: { run: CAT, in: "a" }, d: diff } });
    expect(linesOf(plan, { color: true }).slice(-4)).toEqual([
      "\x1b[33mWith plain pipes 1 join would hang; here the engine carries these edges:\x1b[0m",
      "  d may wait for b while it does not read d (right):",
      "    stays empty  a → b → d",
      "    fills up     a → d (right)",
    ]);
  });

  test("shows what would hang in an output, and rings of several pieces", () => {
    const two = { run: CAT, outputs: { audit: 3 } };
    const actors = {
      a: two,
      x: { run: CAT, in: ["a", "b"] },
      b: { run: CAT },
      y: { run: CAT, in: ["b", "a"] },
    };
    expect(linesOf(planOf({ actors, out: { "/o": ["x", "a.audit"], "/p": "y" } })).slice(-14)).toEqual([
      "With plain pipes 3 joins would hang; here the engine carries these edges:",
      "  x reads a to its end before b:",
      "    stays empty  a → x",
      "    fills up     a → y",
      "    stays empty  b → y",
      "    fills up     b → x",
      "  y reads b to its end before a:",
      "    stays empty  b → y",
      "    fills up     b → x",
      "    stays empty  a → x",
      "    fills up     a → y",
      "  /o reads x to its end before a.audit:",
      "    stays empty  a → x → /o",
      "    fills up     a.audit → /o",
    ]);
  });

  test("shows twenty of them and counts the rest", () => {
    const twice = Array.from({ length: 23 }, (_, at) => [`r${at}`, { run: CAT, in: ["s", "s"] }] as const);
    const out = Object.fromEntries(twice.map(([name]) => [`/${name}`, name]));
    const lines = linesOf(planOf({ actors: { s: { run: CAT }, ...Object.fromEntries(twice) }, out }));
    const from = lines.indexOf("With plain pipes 23 joins would hang; here the engine carries these edges:");
    expect(lines.slice(from + 1)).toHaveLength(20 * 3 + 1);
    expect(lines.slice(-4)).toEqual([
      "  r19 reads s to its end before s:",
      "    stays empty  s → r19",
      "    fills up     s → r19",
      "  … and 3 more",
    ]);
  });

  test("says when it has not looked at everything", () => {
    const chain = planOf({ actors: { a: { run: CAT } } });
    expect(linesOf(chain, { hazards: { hazards: [], isComplete: false } }).at(-1)).toBe(
      "The graph is too large to look at every join.",
    );
    const twice = planOf({ actors: { a: { run: CAT }, b: { run: CAT, in: ["a", "a"] } } });
    expect(linesOf(twice, { hazards: { ...findHazards(twice), isComplete: false } }).at(-4)).toBe(
      "With plain pipes at least 1 join would hang; here the engine carries these edges:",
    );
  });

  test("shows 200 edges of a large graph, and how many there are of each kind", () => {
    const actors = Object.fromEntries(
      Array.from(
        { length: 205 },
        (_, at) => [`a${at}`, { run: CAT, ...(at === 0 ? {} : { in: `a${at - 1}` }) }],
      ),
    );
    const lines = linesOf(planOf({ actors }));
    expect(lines.slice(0, 3)).toEqual([
      "f: 205 actors, 205 edges",
      "  carried by: 204 pipe, 1 descriptor, 0 relay",
      "  a0   → a1    pipe        one kernel pipe: one reader, on no cycle",
    ]);
    expect(lines).toHaveLength(2 + 200 + 2);
    expect(lines.slice(-2)).toEqual(["  … and 5 more", "No join would hang with plain pipes."]);
  });
});
