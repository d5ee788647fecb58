import { describe, expect, test } from "vitest";
import { flow } from "../../../lib/flow/builder.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { fitTexts, renderSvg } from "../../../lib/report/picture/svg.ts";

const plan = planFlow(
  flow({
    name: "some <flow>",
    actors: {
      a: { run: ["seq", "3"], explain: "counts & counts" },
      b: { run: ["cat"], in: "a", protocol: "messages" },
    },
  }),
  {},
);

describe("renderSvg()", () => {
  test("puts texts into the middle of their boxes, as wide as there is room for them", async () => {
    if (!plan.ok) throw new Error("no plan");
    const svg = await renderSvg(plan.plan, { talks: [{ from: "b", to: "a", words: ["Said", "t/*"] }] });
    expect(svg).not.toContain('text-anchor="start"');
    for (const [node] of svg.matchAll(/<g id="node\d+" class="node">[\s\S]*?<\/g>\n<\/g>/g)) {
      const xs = [...node.matchAll(/[ML ,C"](-?[\d.]+),-?[\d.]+/g)].map(([, x]) => Number(x));
      const [left, right] = [Math.min(...xs), Math.max(...xs)];
      const texts = [...node.matchAll(/<text [^>]*x="([\d.-]+)" textLength="([\d.]+)"/g)];
      expect(texts.length).toBeGreaterThan(0);
      for (const [, x, width] of texts) {
        expect(Number(x)).toBeCloseTo((left + right) / 2, 1);
        expect(Number(width)).toBeLessThan(right - left);
      }
    }
    expect(svg).toContain(">Said, t/*</text>");
    expect(svg).toContain("dotted, green: messages");
    expect(svg).toContain("DejaVu Sans, sans-serif");
  });
});

test("fitTexts() leaves alone what has no shape", () => {
  const text = '<g id="a" class="node"><text text-anchor="start" x="1">x</text></g></svg>';
  expect(fitTexts(text)).toBe(text);
});
