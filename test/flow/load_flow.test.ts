import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { formatIssues } from "../../lib/flow/read/issue_text.ts";
import { loadFlow } from "../../lib/flow/load_flow.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is told of a flow with this text. */
async function told(text: string | Uint8Array): Promise<string> {
  const file = join(folder, "flow.json");
  writeFileSync(file, text);
  const loaded = await loadFlow(file);
  return loaded.ok
    ? "fine"
    : formatIssues(loaded.issues, { color: false }).replaceAll(`${folder}/`, "").trimEnd();
}

test("loadFlow() takes comments, trailing commas and a byte order mark", async () => {
  expect(await told('\ufeff{ // yes\n "actors": { "a": { "run": ["true"], }, }, /* no */ }')).toBe("fine");
});

test("loadFlow() tells line, column, path and the underlined source, in the order of the text", async () => {
  const text = await told(`{
  "actors": {
    "a": { "run": ["cat"], "in": ["b", "fo"] },
    "foo": { "run": ["cat"], "on": 1 },
    "b": { "run": ["cat"], "in": ["b", "nobody-at-all"] }
  }
}`);
  expect(text).toBe(`flow.json:3:40  actors.a.in[1]
  Cannot connect "fo": there is no actor or alias "fo" (did you mean "foo"?)
      3 |     "a": { "run": ["cat"], "in": ["b", "fo"] },
        |                                        ^^^^
flow.json:4:30  actors.foo.on
  Cannot use key "on": an actor has no such key (did you mean "in"?)
      4 |     "foo": { "run": ["cat"], "on": 1 },
        |                              ^^^^
${await told('{ "actors": { "b": { "run": ["cat"], "in": "b" } } }').then(cycleOf)}
4 issues; nothing was started`);
});

/** The issue of a cycle of one actor, as it has to stand in the longer text. */
function cycleOf(text: string): string {
  const message = text.split("\n")[1] ?? "";
  expect(message).toContain("b -> b");
  return `flow.json:5:28  actors.b.in
${message}
      5 |     "b": { "run": ["cat"], "in": ["b", "nobody-at-all"] }
        |                            ^^^^
flow.json:5:40  actors.b.in[1]
  Cannot connect "nobody-at-all": there is no actor or alias "nobody-at-all" (expected one of a, foo, b)
      5 |     "b": { "run": ["cat"], "in": ["b", "nobody-at-all"] }
        |                                        ^^^^^^^^^^^^^^^`;
}

test.each([
  ["", "the file is empty"],
  ["{", "flow.json:1:"],
  ['{ "actors": { "a": { "run": ["true"] }, "a": { "run": ["true"] } } }', "it is there already, in line 1"],
  [new Uint8Array([0x7b, 0xff, 0x7d]), "UTF-8"],
])("loadFlow() refuses %j", async (text, says) => {
  expect(await told(text)).toContain(says);
});

test("loadFlow() cuts long source lines around the place", async () => {
  const text = await told(`{ "actors": { "a": { "run": ["echo", "${"x".repeat(100_000)}"], "inn": "b" } } }`);
  expect(text).toContain('did you mean "in"');
  expect(text.length).toBeLessThan(1000);
});
