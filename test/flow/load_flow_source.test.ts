/** Where `loadFlow()` reads from; what it says of a text is in `load_flow.test.ts`. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { FLOW_FILE_BYTES_MAX } from "../../lib/core/limits/flow.ts";
import { loadFlow, type LoadOptions } from "../../lib/flow/load_flow.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLOW = '{ "actors": { "a": { "run": ["cat"] } } }';

async function issuesOf(source: string, options?: LoadOptions): Promise<unknown[]> {
  const loaded = await loadFlow(source, options);
  return loaded.ok ? [] : loaded.issues.map(({ file, line, message }) => [file, line, message]);
}

function stdin(text: string): LoadOptions {
  return { readStdin: () => Promise.resolve(new TextEncoder().encode(text)) };
}

test("loadFlow() names a flow after its file, and starts paths in its folder or the given one", async () => {
  const file = join(folder, "count.words.json");
  writeFileSync(file, FLOW);
  const loaded = await Promise.all([loadFlow(file), loadFlow(file, { cwd: "/tmp" })]);
  expect(
    loaded.map((result) =>
      result.ok && [result.flow.name, result.flow.file, result.flow.actors.get("a")?.cwd]
    ),
  ).toEqual([
    ["count.words", file, folder],
    ["count.words", file, "/tmp"],
  ]);
});

test("loadFlow() reads standard input, and starts paths in the current folder", async () => {
  const loaded = await loadFlow("-", stdin(FLOW));
  expect(loaded.ok && [loaded.flow.name, loaded.flow.file, loaded.flow.actors.get("a")?.cwd]).toEqual([
    "flow",
    undefined,
    process.cwd(),
  ]);
});

test("loadFlow() reports an actor that wants the standard input the flow came from", async () => {
  expect(await issuesOf("-", stdin('{ "actors": {\n "k": { "stdin": true } } }'))).toEqual([
    [
      "<stdin>",
      2,
      'Cannot read standard input in actor "k": the flow was read from it (expected the flow in a file)',
    ],
  ]);
});

test("loadFlow() reports a file that is missing, and a folder", async () => {
  const missing = join(folder, "none.json");
  const inside = join(folder, "inside");
  mkdirSync(inside);
  expect([...await issuesOf(missing), ...await issuesOf(inside)]).toEqual([
    [
      missing,
      undefined,
      `Cannot read the flow "${missing}": there is no such file (expected the path of a flow file)`,
    ],
    [inside, undefined, `Cannot read the flow "${inside}": it is a folder (expected a file)`],
  ]);
});

test("loadFlow() refuses 50 MB by its size, and standard input that is too large or fails", async () => {
  const large = join(folder, "large.json");
  writeFileSync(large, "");
  truncateSync(large, 50_000_000);
  const startedAt = performance.now();
  const issues = await issuesOf(large);
  expect(performance.now() - startedAt).toBeLessThan(100);
  const tooLarge = "it is too large (expected at most 16 MiB)";
  const flood = { readStdin: () => Promise.resolve(new Uint8Array(FLOW_FILE_BYTES_MAX + 1)) };
  const failing = { readStdin: () => Promise.reject(new Error("gone")) };
  expect([...issues, ...await issuesOf("-", flood), ...await issuesOf("-", failing)]).toEqual([
    [large, undefined, `Cannot read the flow "${large}": ${tooLarge}`],
    ["<stdin>", undefined, `Cannot read the flow "<stdin>": ${tooLarge}`],
    ["<stdin>", undefined, 'Cannot read the flow "<stdin>": gone'],
  ]);
});

test("loadFlow() stops reading what never ends", async () => {
  expect(await issuesOf("/dev/zero")).toEqual([
    ["/dev/zero", undefined, 'Cannot read the flow "/dev/zero": it is too large (expected at most 16 MiB)'],
  ]);
});
