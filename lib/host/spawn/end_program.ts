/**
 * The end of the program. What is loaded into Node to call the C library (koffi) makes standard output and error
 * lasting when the process ends, and never ends itself when the system refuses that (a full disk, a broken device).
 * So there the process ends without it: all that was written has been handed to the system.
 */
import process from "node:process";
import { libc } from "../descriptors/libc.ts";
import { undoAllNodeFlags } from "../descriptors/shared_descriptors.ts";
import { writeCompiled } from "../keep_compiled.ts";
import { runtimeName } from "../runtime.ts";

/** Ends the program with a code, after whoever listens for its exit. */
export function endProgram(code: number): never {
  if (runtimeName === "node" && !hasNodeToWrite()) {
    process.once("exit", (last) => {
      writeCompiled();
      undoAllNodeFlags();
      libc()?._exit(last);
    });
  }
  process.exit(code);
}

/** True when Node was told to write something at its end: a profile, what was covered, a cache. */
function hasNodeToWrite(): boolean {
  const { NODE_OPTIONS, NODE_V8_COVERAGE, NODE_COMPILE_CACHE } = process.env;
  return process.execArgv.length > 0 || [NODE_OPTIONS, NODE_V8_COVERAGE, NODE_COMPILE_CACHE].some(Boolean);
}
