/** What the system does not know of a path is told: it does not count as "nothing is there". */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RUNTIMES, whyNotTraced } from "./traced_engine.ts";

const reason = whyNotTraced();
const program = resolve(import.meta.dirname, "../../mod.ts");
const LOOKS = "?stat,?statx,?newfstatat,?access,?faccessat,?faccessat2";
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faults-of-"));
  const reader = { run: ["cat"], in: "s", cache: true, reads: ["data/*"] };
  const flow = { actors: { s: { value: "text\n" }, reader }, out: "reader" };
  writeFileSync(join(folder, "flow.json"), JSON.stringify(flow));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "file"), "");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(RUNTIMES)("on $name", ({ name, command }) => {
  /** Runs the engine while calls with a path fail. */
  function run(path: string, { calls, args }: { readonly calls: string; readonly args: readonly string[] }) {
    const log = join(folder, "trace");
    const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=EIO`, "-P", join(folder, path)];
    const { status, stderr } = spawnSync(
      "strace",
      ["-f", "-qq", "-o", log, ...inject, ...command, program, "flow.json", "--quiet", ...args],
      { cwd: folder, env: { ...process.env, SLUICE_CACHE: join(folder, "cache") }, encoding: "utf8" },
    );
    expect(readFileSync(log, "utf8")).toContain("(INJECTED)");
    return { status, stderr };
  }

  test("a database of which nobody knows whether it is there is not made anew", ({ skip }) => {
    if (reason !== undefined) return skip(reason);
    writeFileSync(join(folder, "run.db"), "");
    const { status, stderr } = run("run.db", { calls: LOOKS, args: ["--db", "run.db", "--resume"] });
    expect(stderr).toContain('Cannot use database "run.db": EIO');
    expect(status).toBe(2);
  });

  test("files that cannot be listed are not taken for none in the cache", ({ skip }) => {
    if (reason !== undefined) return skip(reason);
    if (name === "deno") return skip("Deno takes a folder that cannot be read on for one that has ended");
    const { status, stderr } = run("data", { calls: "getdents64", args: [] });
    expect(stderr).toContain('Cannot cache actor "reader"');
    expect(status).toBe(0);
  });
});
