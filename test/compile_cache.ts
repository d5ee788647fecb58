/**
 * Node strips types and compiles each file anew in each process: for the engine's it is two thirds of a start. All
 * processes of a run of the suite share what the first of them has compiled; it lies in a folder that the run removes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Before the workers are started, which give their environment on. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "compiled-for-tests-"));
  process.env["NODE_COMPILE_CACHE"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
