import { expect, test } from "vitest";
import { quoteArgument } from "../../../lib/core/quote_argument.ts";
import { flow } from "../../../lib/flow/builder.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { makeHarmless, makeOneLine } from "../../../lib/report/text/make_harmless.ts";
import { listPlanLines } from "../../../lib/report/picture/plan_text.ts";
import { formatCheck } from "../../../lib/report/text/check_text.ts";

/** Ends the line, sets a color, shows what follows from right to left. */
const ODD = "a\n\x1b[31mb\u202ec\u2066d";

test("texts from elsewhere neither break a line nor change its colors or direction", () => {
  expect(makeHarmless(ODD, { keepsColors: false })).toBe("a^Jb\\u202ec\\u2066d");
  expect(makeOneLine(ODD)).toBe("a [31mb\\u202ec\\u2066d");
  expect(quoteArgument(ODD)).toBe("$'a\\n\\x1b[31mb\\u202ec\\u2066d'");
});

test("a plan holds no such text, whatever the flow says", () => {
  const planned = planFlow(flow({
    name: ODD,
    sets: { s: { values: [ODD] } },
    actors: {
      v: { value: { key: ODD } },
      r: { run: ["cat", ODD], in: "v", each: "s", cwd: `/${ODD}`, outputs: { o: 3 } },
    },
    out: { [ODD]: "r", [`x${ODD}{s.index}`]: "r.o" },
  }));
  if (!planned.ok) throw new Error("The plan has issues");
  const { plan } = planned;
  const text = [
    ...listPlanLines(plan, { isExpanded: true }),
    formatCheck(plan, { isExpanded: true, hazards: [], isComplete: true, color: false }),
  ].join("\n");
  // deno-lint-ignore no-control-regex -- these are what is looked for
  expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/);
  expect(text.split("\n").filter((line) => line.startsWith("[31m"))).toEqual([]);
});
