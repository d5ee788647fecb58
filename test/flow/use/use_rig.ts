/** Flows in flows: files for them in a folder of the test's, which goes with it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Flow } from "../../../lib/core/flow.ts";
import { loadFlow, type LoadOptions } from "../../../lib/flow/load_flow.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Text in, those words out that are not in `stop`; `rest` are the others. */
export const CLEAN = {
  params: { lang: { default: "en" } },
  actors: {
    text: { stdin: true },
    stop: { input: "stop" },
    words: { run: ["./split", "{param.lang}"], in: "text", env: { INNER: "1" } },
    filter: {
      run: ["grep", "-vxFf", "{in.stop}"],
      in: { stdin: "words", stop: "stop" },
      outputs: { rest: 3 },
    },
  },
  ports: { rest: "filter.rest", same: "text" },
  out: "filter",
};
export const USE = { use: "./inner/clean.json", in: { stdin: "raw", stop: "stops" } };
export const SOURCES = { raw: { value: "a" }, stops: { file: "stops" } };

export function write(files: Readonly<Record<string, object | string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
  folders.push(folder);
  for (const [name, content] of Object.entries({ "inner/clean.json": CLEAN, ...files })) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

export async function load(
  outer: object,
  { files = {}, ...options }: LoadOptions & { readonly files?: Readonly<Record<string, object | string>> } =
    {},
): Promise<{ readonly folder: string; readonly flow: Flow }> {
  const folder = write({ ...files, "flow.json": outer });
  const loaded = await loadFlow(join(folder, "flow.json"), options);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  return { folder, flow: loaded.flow };
}

export const TWO = {
  actors: {
    i: { stdin: true },
    b: { input: "b" },
    x: { run: ["cat"], in: "i" },
    y: { run: ["cat"], in: "b" },
  },
  ports: { x: "x" },
  out: "y",
};
