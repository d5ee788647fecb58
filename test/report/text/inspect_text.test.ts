import { expect, test } from "vitest";
import type { Archive, ArchivedActor, ArchivedStream } from "../../../lib/core/archive.ts";
import { formatDifference, formatRuns, listRunLines } from "../../../lib/report/text/inspect_text.ts";

const actor = (name: string, more: Partial<ArchivedActor> = {}): ArchivedActor => ({
  name,
  kind: "run",
  definition: "",
  inputs: [],
  state: "done",
  exitCode: 0,
  startedAt: 1000,
  endedAt: 1250,
  ...more,
});
const stream = (name: string, more: Partial<ArchivedStream> = {}): ArchivedStream => {
  const [of = "", port = "stdout"] = name.split(".");
  return { id: 0, name, actor: of, port, size: 2048, isComplete: true, ...more };
};
const read = (port: string, ...streams: readonly string[]): ArchivedActor["inputs"] =>
  streams.map((name) => ({ port, stream: name }));

const archive: Archive = {
  run: {
    number: 7,
    uuid: "0f0e",
    flow: "report",
    state: "failed",
    exitCode: 1,
    startedAt: Date.UTC(2026, 10, 20, 8, 26, 15),
    endedAt: Date.UTC(2026, 10, 20, 8, 26, 16),
  },
  actors: [
    actor("text", { kind: "value", explain: "A text" }),
    actor("split", { inputs: read("stdin", "text") }),
    actor("late", { state: "waiting", inputs: read("stdin", "join") }),
    actor("join", {
      state: "failed",
      exitCode: 3,
      inputs: [...read("stdin", "split", "text"), ...read("left", "split.audit")],
    }),
  ],
  streams: [
    stream("text", { size: 9 }),
    stream("split"),
    stream("split.audit", { size: 0 }),
    stream("late", { size: 0, isComplete: false }),
    stream("join", { size: 100, isComplete: false }),
  ],
};

test("listRunLines() prints the tree with states, sizes and times", () => {
  expect([...listRunLines(archive, { color: false })]).toEqual([
    "run 7 of report: failed, exit 1 in 1 s, started 2026-11-20 08:26:15Z (0f0e)",
    "├── late [⋯ not built, 0 B so far, 250 ms]",
    "│   ├── join [✗ failed: exit 3, 100 B so far, 250 ms]",
    "│   │   ├── split [✓ built, 2 KiB, 250 ms]",
    "│   │   │   ├── text [✓ built, 9 B, 250 ms] (A text)",
    "│   │   ├── text [✓ built, 9 B, 250 ms] (A text)",
    "│   │   ├── (param: left)",
    "│   │   │   ├── split.audit [✓ built, 0 B, 250 ms]",
    "│   │   │   │   ├── text [✓ built, 9 B, 250 ms] (A text)",
  ]);
});

test("listRunLines() says of a killed run that it and its actors have not ended", () => {
  const { endedAt: _, exitCode: __, ...run } = archive.run;
  const killed: Archive = {
    run: { ...run, state: "running" },
    actors: [{ name: "a", kind: "run", definition: "", inputs: [], state: "running", startedAt: 5 }],
    streams: [stream("a", { isComplete: false })],
  };
  expect([...listRunLines(killed, { color: false })]).toEqual([
    "run 7 of report: not ended, started 2026-11-20 08:26:15Z (0f0e)",
    "not ended: it goes on, was killed, or its end could not be written here (a full disk)",
    "├── a [⚡ not ended, 2 KiB so far]",
  ]);
});

test("listRunLines() says of a run whose database could not be written on that it is there in part", () => {
  const { run } = archive;
  const cut: Archive = {
    run: { ...run, cut: "ENOSPC: database or disk is full" },
    actors: [{ name: "a", kind: "run", definition: "", inputs: [], state: "running", startedAt: 5 }],
    streams: [stream("a", { isComplete: false })],
  };
  const told =
    "run 7 is here only in part: the database could not be written on (ENOSPC: database or disk is full)";
  expect([...listRunLines(cut, { color: false })]).toEqual([
    "run 7 of report: failed, exit 1 in 1 s, started 2026-11-20 08:26:15Z (0f0e)",
    told,
    "├── a [⚡ not ended, 2 KiB so far]",
  ]);
  expect(formatRuns([cut], { color: false }).split("\n").at(-2)).toBe(told);
  expect(formatRuns([], { color: false }).split("\n").at(-2)).toContain("no run is in it");
});

test("formatRuns() makes a table", () => {
  expect(formatRuns([archive], { color: false })).toBe(
    "run  state           started               took  streams     flow    identity\n" +
      "7    failed, exit 1  2026-11-20 08:26:15Z  1 s   5, 2.1 KiB  report  0f0e\n",
  );
});

test("formatDifference() tells each difference on a line", () => {
  const [before, after] = [archive.run, { ...archive.run, number: 8 }];
  const [split, text] = [actor("split"), stream("text", { size: 9 })];
  const told = formatDifference({
    actors: [
      { name: "gone", kind: "only in", run: 7 },
      {
        name: "split",
        kind: "differs",
        before: split,
        after: { ...actor("split", { state: "failed", signal: "SIGTERM", endedAt: 3000 }) },
        isStateOther: true,
        isDefinitionOther: true,
        isTimeOther: true,
      },
    ],
    streams: [
      {
        name: "text",
        kind: "differs",
        before: text,
        after: { ...text, size: 12 },
        first: { byte: 9, line: 2 },
      },
      { name: "new", kind: "only in", run: 8 },
      { name: "cut", kind: "differs", before: text, after: { ...text, isComplete: false } },
    ],
  }, { before, after });
  expect(told).toBe(
    "runs 7 and 8 differ:\n" +
      "  actor gone is only in run 7\n" +
      "  actor split: another command, environment or input; done, exit 0 → failed, SIGTERM; 250 ms → 2 s\n" +
      "  stream text: 9 bytes → 12 bytes; first difference at byte 9, line 2\n" +
      "  stream new is only in run 8\n" +
      "  stream cut: 9 bytes → 9 bytes so far\n",
  );
  expect(formatDifference({ actors: [], streams: [] }, { before, after })).toBe(
    "runs 7 and 8 do not differ\n",
  );
});
