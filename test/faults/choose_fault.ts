/** Which fault a seed stands for: each flow, call and error is as probable as the others, on each runtime. */
import { makeRandom } from "../random/prng.ts";
import { CALLS, ERRORS } from "./calls.ts";
import { flowOf, FLOWS } from "./flows.ts";
import type { Fault } from "./inject.ts";
import { countCalls } from "./inject.ts";
import type { FaultFlow } from "./flows.ts";
import type { FaultRuntime } from "./traced_engine.ts";
import { runtimeOf, RUNTIMES } from "./traced_engine.ts";

export interface Chosen {
  readonly runtime?: string | undefined;
  readonly flow?: string | undefined;
  readonly call?: string | undefined;
  readonly error?: string | undefined;
  readonly at?: string | undefined;
  readonly lasting?: boolean | undefined;
}

const counted = new Map<string, Promise<ReadonlyMap<string, number>>>();

/** The fault of a seed, as far as it is not named; undefined when the flow makes no such call on the runtime. */
export async function chooseFault(seed: number, chosen: Chosen = {}): Promise<Fault | undefined> {
  const random = makeRandom(seed, "faults");
  const runtime = chosen.runtime === undefined ? random.pick(RUNTIMES) : runtimeOf(chosen.runtime);
  const flow = chosen.flow === undefined ? random.pick(FLOWS) : flowOf(chosen.flow);
  // What is named whole needs no count.
  const counts = chosen.at === undefined ? await countsOf(runtime, flow) : new Map<string, number>();
  const isLasting = chosen.lasting ?? false;
  const made = CALLS.filter((name) => (counts.get(name) ?? 0) > 0 && errorsOf(name, isLasting).length > 0);
  const call = chosen.call ?? random.pick(made);
  const error = chosen.error ?? random.pick(errorsOf(call, isLasting));
  const fault = { runtime, flow, call, error, isLasting };
  if (chosen.at !== undefined) return { ...fault, at: Number(chosen.at) };
  const last = counts.get(call) ?? 0;
  return last === 0 ? undefined : { ...fault, at: random.int(1, last) };
}

function errorsOf(call: string, isLasting: boolean): readonly string[] {
  const errors = ERRORS[call] ?? ["EIO"];
  if (!isLasting) return errors;
  // Nobody could be told anything, or do without memory; and what comes by chance does not last.
  if (["write", "writev", "mmap"].includes(call)) return [];
  return errors.filter((error) => error !== "EINTR" && error !== "EAGAIN");
}

function countsOf(runtime: FaultRuntime, flow: FaultFlow): Promise<ReadonlyMap<string, number>> {
  const key = `${runtime.name} ${flow.name}`;
  const known = counted.get(key) ?? countCalls(runtime, flow);
  counted.set(key, known);
  // Another try may be better.
  known.catch(() => counted.delete(key));
  return known;
}

/** The options that repeat it. */
export function describeFault({ runtime, flow, call, error, at, isLasting = false }: Fault): string {
  const lasting = isLasting ? " --lasting" : "";
  return `--runtime ${runtime.name} --flow ${flow.name} --call ${call} --error ${error} --at ${at}${lasting}`;
}
