/** What one thread of the engine cannot have, and another one can, keeps neither from hearing the other. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { killProcesses } from "../random/processes.ts";
import { flowOf } from "./flows.ts";
import { runtimeOf, whyNotTraced } from "./traced_engine.ts";

const reason = whyNotTraced();
const program = resolve(import.meta.dirname, "../../mod.ts");
/** The file that has to be opened to call the C library. */
const koffi = createRequire(createRequire(import.meta.url).resolve("koffi"))
  .resolve(
    `@koromix/koffi-${process.platform}-${process.arch}/${process.platform}_${process.arch}/koffi.node`,
  );
const HANG_MS = 60_000;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faults-of-"));
});

afterEach(() => {
  killProcesses(folder);
  rmSync(folder, { recursive: true, force: true });
});

// Deno and Bun open nothing for it that could fail.
test.for(["lines", "messages"])("the C library in the threads alone: %s", (name, { skip }) => {
  if (reason !== undefined) return skip(reason);
  const flow = flowOf(name);
  for (const [file, content] of Object.entries(flow.files)) {
    writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
  }
  const log = join(folder, "trace");
  // Without -f the main thread alone is traced.
  const inject = ["-e", "trace=openat", "-e", "inject=openat:error=EMFILE", "-P", koffi];
  const [runtime = ""] = runtimeOf("node").command;
  const { status, stderr } = spawnSync(
    "strace",
    ["-qq", "-o", log, ...inject, runtime, program, "flow.json", "--quiet", ...flow.args ?? []],
    { cwd: folder, encoding: "utf8", timeout: HANG_MS, killSignal: "SIGKILL" },
  );
  expect(readFileSync(log, "utf8")).toContain("(INJECTED)");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  for (const [file, want] of Object.entries(flow.outputs)) {
    expect(readFileSync(join(folder, file), "utf8") === want).toBe(true);
  }
});
