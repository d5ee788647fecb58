#!/usr/bin/env node
/**
 * Sluice runs a flow: a graph of actors, each a real operating-system process in any language, joined by pipes.
 *
 * As a program: `sluice flow.json`, or `deno run -A mod.ts flow.json` in a checkout. As a library:
 *
 * @example
 * import { flow, run } from "sluice";
 *
 * const result = await run(flow({
 *   actors: {
 *     words: { value: "pear\napple\n" },
 *     sorted: { run: ["sort"], in: "words" },
 *   },
 * }));
 * console.log(result.exitCode); // 0
 *
 * @module
 */
import type * as Builder from "./lib/flow/builder.ts";
import type * as Program from "./lib/cli/main.ts";
import type * as Checker from "./lib/run/check_here.ts";
import type * as Runner from "./lib/run/run_flow.ts";
import { findBuilt, keepCompiled } from "./lib/host/keep_compiled.ts";

export type { RunEvent } from "./lib/core/event.ts";
export type { Failure } from "./lib/core/failure.ts";
export type { Actor, Flow, StreamRef } from "./lib/core/flow.ts";
export { FlowError, type FlowIssue, type PlacedIssue } from "./lib/core/issue.ts";
export type { Carrier, Edge, Plan, Selection } from "./lib/core/plan.ts";
export type { ActorResult, ActorState, OutputResult, RunResult } from "./lib/core/result.ts";
export { StoreError } from "./lib/store/capture/store_error.ts";
export type { CheckResult } from "./lib/run/check_here.ts";
export type { RunOptions } from "./lib/run/state/run_options.ts";

const { process } = globalThis;
// All that is imported by a statement is compiled before the first line is run.
if (import.meta.main) keepCompiled();
const built = import.meta.main ? findBuilt(import.meta.dirname) : undefined;
// What the program has no use for; nobody imports a program.
const [runner, builder, checker] = import.meta.main ? [] : await Promise.all([
  import("./lib/run/run_flow.ts"),
  import("./lib/flow/builder.ts"),
  import("./lib/run/check_here.ts"),
]);
// Whoever imports this is no program, so they are there.
const run = runner?.run as typeof Runner.run;
const flow = builder?.flow as typeof Builder.flow;
const check = checker?.check as typeof Checker.check;
export { check, flow, run };

if (import.meta.main) {
  const program: typeof Program = built === undefined
    ? await import("./lib/cli/main.ts")
    : await import(built);
  await program.runProgram(process.argv.slice(2));
}
