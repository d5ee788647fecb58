import { describe, expect, test } from "vitest";
import { ISSUES_SHOWN_MAX } from "../../../lib/core/limits/flow.ts";
import { formatIssues } from "../../../lib/flow/read/issue_text.ts";

const excerpt = '    "bar": { "run": ["cat"], "in": ["note", "fo"] },';
const issue = {
  path: ["actors", "bar", "in", 1],
  message: 'Cannot connect "fo": there is no actor or alias "fo" (did you mean "foo"?)',
  file: "flow.json",
  line: 7,
  column: 45,
  length: 4,
  excerpt,
};

describe("formatIssues()", () => {
  test("tells the place, the message and the underlined source", () => {
    expect(formatIssues([issue], { color: false })).toBe(`flow.json:7:45  actors.bar.in[1]
  Cannot connect "fo": there is no actor or alias "fo" (did you mean "foo"?)
      7 |     "bar": { "run": ["cat"], "in": ["note", "fo"] },
        |                                             ^^^^
1 issue; nothing was started`);
  });

  test("colors the place and the underline only", () => {
    const text = formatIssues([issue], { color: true });
    expect(text.split("\n").filter((line) => line.includes("\x1b"))).toEqual([
      "\x1b[1mflow.json:7:45  actors.bar.in[1]\x1b[22m",
      `        | ${" ".repeat(44)}\x1b[31m^^^^\x1b[39m`,
    ]);
  });

  test("does without what is not known", () => {
    expect(formatIssues([{ path: [], message: "Cannot x" }], { color: false })).toBe(
      "  Cannot x\n1 issue; nothing was started",
    );
  });

  test("shows some of many issues and counts the rest", () => {
    const lines = formatIssues(
      Array.from({ length: ISSUES_SHOWN_MAX + 3 }, () => ({ path: [], message: "m" })),
      { color: false },
    ).split("\n");
    expect(lines.slice(ISSUES_SHOWN_MAX)).toEqual([
      "... and 3 more",
      `${ISSUES_SHOWN_MAX + 3} issues; nothing was started`,
    ]);
  });

  test("cuts a line of a megabyte around its place", () => {
    const long = `${"x".repeat(500_000)}HERE${"y".repeat(500_000)}`;
    const text = formatIssues([{
      path: [],
      message: "m",
      line: 1,
      column: 500_001,
      length: 4,
      excerpt: long,
    }], { color: false });
    expect(text).toBe(`1:500001
  m
      1 | …${"x".repeat(40)}HERE${"y".repeat(56)}…
        |  ${" ".repeat(40)}^^^^
1 issue; nothing was started`);
  });

  test("lets nothing through that a terminal obeys", () => {
    const hostile = 'a\x1b[2J\t"\u202e\x9b"';
    const text = formatIssues([{
      path: [hostile],
      message: hostile,
      line: 1,
      column: 1,
      length: 1,
      excerpt: hostile,
    }], { color: false });
    expect(text.match(/[^\P{Cc}\n]|\u202e/gu)).toBe(null);
    expect(text.split("\n")[2]).toBe('      1 | a\ufffd[2J "\ufffd\ufffd"');
  });
});
