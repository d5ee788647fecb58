#!/usr/bin/env node
/**
 * Sluice runs a flow: a graph of actors, each a real operating-system process in any language, joined by pipes.
 *
 * As a program: `deno run -A mod.ts flow.json`. As a library:
 *
 * @example
 * import { flow, run } from "./mod.ts";
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
import process from "node:process";
import type * as Builder from "./lib/flow/builder.ts";
import type * as Checker from "./lib/run/check_here.ts";
import { keepCompiled } from "./lib/host/keep_compiled.ts";

export type { RunEvent } from "./lib/core/event.ts";
export type { Failure } from "./lib/core/failure.ts";
export type { Actor, Flow, StreamRef } from "./lib/core/flow.ts";
export { FlowError, type FlowIssue, type PlacedIssue } from "./lib/core/issue.ts";
export type { Carrier, Edge, Plan, Selection } from "./lib/core/plan.ts";
export type { ActorResult, ActorState, OutputResult, RunResult } from "./lib/core/result.ts";
export { StoreError } from "./lib/store/capture/store_error.ts";
export type { CheckResult } from "./lib/run/check_here.ts";
export type { RunOptions } from "./lib/run/state/run_options.ts";

// All that is imported by a statement is compiled before the first line is run.
if (import.meta.main) keepCompiled();
const { run } = await import("./lib/run/run_flow.ts");
// What the program has no use for; nobody imports a program.
const [builder, checker] = import.meta.main
  ? []
  : await Promise.all([import("./lib/flow/builder.ts"), import("./lib/run/check_here.ts")]);
// Whoever imports this is no program, so they are there.
const flow = builder?.flow as typeof Builder.flow;
const check = checker?.check as typeof Checker.check;
export { check, flow, run };

if (import.meta.main) {
  const [{ main }, { endProgram }] = await Promise.all([
    import("./lib/cli/main.ts"),
    import("./lib/host/spawn/end_program.ts"),
  ]);
  endProgram(await main(process.argv.slice(2)));
}
