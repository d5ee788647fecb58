import { expect, test } from "vitest";
import { flow } from "../../../lib/flow/builder.ts";
import { formatTree } from "../../../lib/report/text/tree.ts";

const seed = flow({
  actors: {
    note: { value: "(mee too)", explain: "Static text" },
    keys: { stdin: true, explain: "Read from stdin" },
    foo: { run: ["cat"], in: "keys", explain: "Copy" },
    bar: { run: ["cat"], in: ["note", "foo"], explain: "Copy" },
    baz: { run: ["cat"], in: "bar", explain: "Copy" },
  },
  aliases: { ".end": ["baz"] },
}, { folder: "/" });

test("formatTree() prints the first seed's tree byte for byte", () => {
  expect(formatTree(seed, { color: false })).toBe(
    `├── baz [⋯ not built] (Copy)
│   ├── bar [⋯ not built] (Copy)
│   │   ├── note [✓ built] (Static text)
│   │   ├── foo [⋯ not built] (Copy)
│   │   │   ├── keys [⋯ not built] (Read from stdin)
`,
  );
});

test("formatTree() shows states, in colour inside the brackets", () => {
  const states = new Map(
    [
      ["keys", { state: "done" }],
      ["foo", { state: "done" }],
      ["bar", { state: "running" }],
      ["baz", { state: "failed", exitCode: 3 }],
    ] as const,
  );
  expect(formatTree(seed, { color: true, states }).split("\n")).toEqual([
    "├── baz [\x1b[31m✗ failed: exit 3\x1b[0m] (Copy)",
    "│   ├── bar [\x1b[35m⚡ active\x1b[0m] (Copy)",
    "│   │   ├── note [\x1b[32m✓ built\x1b[0m] (Static text)",
    "│   │   ├── foo [\x1b[32m✓ built\x1b[0m] (Copy)",
    "│   │   │   ├── keys [\x1b[32m✓ built\x1b[0m] (Read from stdin)",
    "",
  ]);
});

test("formatTree() puts named ports under a line of their own", () => {
  const ports = flow({
    actors: {
      a: { run: ["cat"], outputs: { audit: 3 } },
      b: { run: ["cmp", "{in.left}", "{in.right}"], in: { stdin: "a", left: "a", right: "a.audit" } },
    },
  }, { folder: "/" });
  expect(formatTree(ports, { color: false })).toBe(
    `├── b [⋯ not built]
│   ├── a [⋯ not built]
│   ├── (param: left)
│   │   ├── a [⋯ not built]
│   ├── (param: right)
│   │   ├── a.audit [⋯ not built]
`,
  );
});

test("formatTree() does not multiply shared parts without end", () => {
  const actors = Object.fromEntries(
    Array.from(
      { length: 60 },
      (_, at) => [`a${at}`, { run: ["cat"] as const, in: at === 0 ? [] : [`a${at - 1}`, `a${at - 1}`] }],
    ),
  );
  const lines = formatTree(flow({ actors }, { folder: "/" }), { color: false }).split("\n");
  expect(lines.length).toBeLessThan(5000);
});

test("formatTree() shows message actors that no output leads to, each once", () => {
  const talk = flow({
    actors: {
      lines: { value: "1\n" },
      front: { run: ["cat"], protocol: "messages", in: "lines" },
      bank: { run: ["cat"], protocol: "messages", in: "front" },
      last: { run: ["cat"], protocol: "messages" },
    },
    out: "last",
  }, { folder: "/" });
  expect(formatTree(talk, { color: false })).toBe(
    `├── last [⋯ not built]
├── bank [⋯ not built]
│   ├── front [⋯ not built]
│   │   ├── lines [✓ built]
`,
  );
});
