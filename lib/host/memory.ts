/**
 * Memory that passes through the engine. The sockets of Deno and Node leave something behind for every write, which
 * the garbage collector counts too late: a relay of gigabytes would hold hundreds of megabytes (Deno), or a hundred
 * (Node). So there a small collection is asked for now and then; it takes 1 to 5 ms. Bun's file sinks need none.
 */
import process from "node:process";
import { COLLECT_EVERY_MEMBERS } from "../core/limits/sets.ts";
import { COLLECT_EVERY_BYTES } from "../core/limits/streams.ts";
import { bun } from "./runtime.ts";

type Collect = (options: { readonly type: "minor" | "major" }) => void;

let collect: Collect | undefined;
let passed = 0;
let membersEnded = 0;

/** To be told of all bytes that were written to a pipe. */
export function notePassedBytes(count: number): void {
  if (bun !== undefined) return;
  passed += count;
  if (passed < COLLECT_EVERY_BYTES) return;
  passed = 0;
  collect ??= findCollector();
  collect({ type: "minor" });
}

/** V8 shows its collector only to contexts that are made while the flag is set. */
function findCollector(): Collect {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--expose-gc");
  const found: unknown = process.getBuiltinModule("node:vm").runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  // Without it nothing is collected early, and more memory is held.
  return typeof found === "function" ? (options) => void found(options) : () => undefined;
}

/**
 * Keeps what is collected often small: where much is made that lives shortly, V8 lets it grow to tens of megabytes in
 * each thread. To be called before that has happened.
 */
export function keepYoungSmall(): void {
  if (bun !== undefined) return;
  process.getBuiltinModule("node:v8").setFlagsFromString("--semi-space-growth-factor=1");
}

/** To be told of each member of a stream that has ended: what it was is old by then, and V8 looks for that only when much of it is there. */
export function noteMemberEnded(): void {
  if (bun !== undefined) return;
  membersEnded += 1;
  if (membersEnded % COLLECT_EVERY_MEMBERS !== 0) return;
  collect ??= findCollector();
  collect({ type: "major" });
}
