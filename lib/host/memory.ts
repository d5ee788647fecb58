/**
 * Memory that passes through the engine. Deno's sockets leave a buffer behind for every write, which its garbage
 * collector counts too late: a relay of gigabytes would hold hundreds of megabytes. So there, and only there, a small
 * collection is asked for now and then; on the other runtimes the engine gives the memory back itself.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { COLLECT_EVERY_BYTES } from "../core/limits.ts";
import { deno } from "./runtime.ts";

type Collect = (options: { readonly type: "minor" }) => void;

let collect: Collect | undefined;
let passed = 0;

/** To be told of all bytes that were written to a pipe. */
export function notePassedBytes(count: number): void {
  if (deno === undefined) return;
  passed += count;
  if (passed < COLLECT_EVERY_BYTES) return;
  passed = 0;
  collect ??= findCollector();
  collect({ type: "minor" });
}

/** V8 shows its collector only to contexts that are made while the flag is set. */
function findCollector(): Collect {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  // Without it nothing is collected early, and more memory is held.
  return typeof found === "function" ? (options) => void found(options) : () => undefined;
}
