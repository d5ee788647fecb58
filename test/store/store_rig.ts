/** Databases in folders of their own, removed after each test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { RunRecord } from "../../lib/core/archive.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "test-of-store-"));
  folders.push(folder);
  return folder;
}

/** `a → b`, where `b` has an output `more`. */
export function makeRecord(uuid = "run"): RunRecord {
  return {
    uuid,
    flow: "test",
    startedAt: 1000,
    actors: [
      { name: "a", kind: "value", explain: "A value", isBuilt: true, definition: "da", inputs: [] },
      { name: "b", kind: "run", isBuilt: false, definition: "db", inputs: [{ port: "stdin", stream: "a" }] },
    ],
    streams: [
      { name: "a", actor: "a", port: "stdout" },
      { name: "b", actor: "b", port: "stdout" },
      { name: "b.more", actor: "b", port: "more" },
    ],
  };
}
