/** The instances of an actor are one line and one box, and more when they are asked for. */
import { expect, test } from "vitest";
import type { RunEvent } from "../../../lib/core/event.ts";
import { flow } from "../../../lib/flow/builder.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { formatCheck } from "../../../lib/report/text/check_text.ts";
import { LiveView } from "../../../lib/report/sinks/live_view.ts";
import { ConsoleReporter } from "../../../lib/report/sinks/console_reporter.ts";
import { formatMermaid } from "../../../lib/report/picture/mermaid.ts";
import { listPlanLines } from "../../../lib/report/picture/plan_text.ts";
import { formatTree, type TreeState } from "../../../lib/report/text/tree.ts";

const many = flow({
  name: "many",
  sets: { n: { range: [1, 3] }, unused: { values: ["x"] } },
  actors: {
    text: { value: "1\n" },
    each: { each: "n", run: ["grep", "{n}"], in: "text", explain: "one of many" },
    all: { run: ["cat"], in: { stdin: "each", left: "each.stderr" } },
  },
  out: { "-": "all", "o/{n}.txt": "each" },
}, { folder: "/flows" });

function plan() {
  const planned = planFlow(many);
  if (!planned.ok) throw new Error("The flow is good");
  return planned.plan;
}

test("formatTree() shows instances as one, with what is done of them", () => {
  const tree = (states: readonly TreeState["state"][]): readonly string[] => {
    const known = states.map((state, at) => [`each[${at + 1}]`, { state }] as const);
    return formatTree(many, { color: false, states: new Map(known) }).split("\n").slice(0, 2);
  };
  expect(tree([])).toEqual(["├── all [⋯ not built]", "│   ├── each ×3 [⋯ not built] (one of many)"]);
  expect(tree(["done", "done", "done"])[1]).toBe("│   ├── each ×3 [✓ built] (one of many)");
  expect(tree(["done", "running"])[1]).toBe("│   ├── each ×3 [1 done, 1 active] (one of many)");
  expect(tree(["done", "failed", "stopped"])[1]).toBe(
    "│   ├── each ×3 [1 done, 1 failed, 1 stopped] (one of many)",
  );
});

test("formatTree() shows each instance when that is asked for", () => {
  expect(
    formatTree(many, { color: false, isExpanded: true }).split("\n").filter((line) =>
      line.includes("│   ├── each")
    ),
  )
    .toHaveLength(6);
});

test("formatMermaid() draws a box for all, or for each", () => {
  const boxes = (isExpanded: boolean): readonly string[] =>
    [...formatMermaid(plan(), { isExpanded }).matchAll(/<b>(.*?)<\/b>/g)].map(([, name = ""]) => name);
  expect(boxes(false)).toEqual(["text", "each ×3", "all", "standard output", "#39;o/#123;n#125;.txt#39; ×3"]);
  expect(boxes(true)).toHaveLength(9);
});

test("listPlanLines() and formatCheck() count instances, and tell sets that are not used", () => {
  expect([...listPlanLines(plan())].slice(1)).toEqual([
    '  text: value, 2 B: "1\\n"',
    "  each ×3: grep 1  < text  (in /flows)",
    "  all: cat  < each left=each.stderr  (in /flows)",
    "  standard output < all",
    "  'o/{n}.txt' ×3 < each",
  ]);
  const text = formatCheck(plan(), { hazards: [], isComplete: true, color: false });
  expect(text).toMatch(/^many: 5 actors, \d+ edges\n {2}text +→ each ×3 .*\n {2}each ×3 +→ all /);
  expect(text).toContain(
    'Set "unused" is not used: no actor has it in "each", and no file name of "out" names it',
  );
});

test("ConsoleReporter draws one line for the instances of an actor", () => {
  const draw = (isExpanded: boolean): readonly string[] => {
    let shown = "";
    const terminal = () => ({ columns: 80, rows: 24 });
    const write = (text: string): void => void (shown = text);
    const reporter = new ConsoleReporter({
      color: false,
      isTerminal: true,
      live: new LiveView({ size: terminal, isExpanded }),
      isQuiet: false,
      write,
    });
    const actors = {
      "each[1]": { state: "done", bytesOut: 10 },
      "each[2]": { state: "running", bytesOut: 20, memoryBytes: 1024 },
      "each[3]": { state: "waiting" },
      all: { state: "waiting" },
    } as const;
    const names = Object.keys(actors);
    const events: readonly RunEvent[] = [
      { at: 0, type: "run-started", run: "r", flow: "many", actors: names },
      { at: 0, type: "progress", actors },
    ];
    for (const event of events) reporter.report(event);
    return shown.replace("\x1b[?7l", "").replace("\x1b[?7h", "").trimEnd().split("\n");
  };
  expect(draw(false)).toEqual([
    "0:00, 1 of 4 ended, 1 running",
    "⚡ each    ×3 [1 done, 1 active] 30 B out, 1 KiB memory",
    "⋯ all",
  ]);
  expect(draw(true)).toHaveLength(5);
});
