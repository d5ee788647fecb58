/**
 * The caller's signals: one stops a run, or ends one that serves in an orderly way; the other kills it.
 */
import type { ProcessStopper } from "../process/stop/process_stopper.ts";
import type { FlowFinish } from "./flow_finish.ts";
import type { MessageRun } from "./message_run.ts";
import type { PlanRunOptions } from "./state/run_options.ts";
import type { RunState } from "./state/run_state.ts";
import { readStopRequest } from "./state/stop_request.ts";

interface SignalledParts {
  readonly state: Pick<RunState, "isStopping" | "noteFailure" | "stop">;
  readonly stopper: Pick<ProcessStopper, "killAll">;
  readonly finish: Pick<FlowFinish, "begin">;
  readonly messages: Pick<MessageRun, "isServing" | "finish"> | undefined;
}

/** Listens until what it gives back is called. */
export function listenToSignals(
  { signal, killSignal }: Pick<PlanRunOptions, "signal" | "killSignal">,
  { state, stopper, finish, messages }: SignalledParts,
): () => void {
  const stopFor = (given: AbortSignal | undefined): void => {
    if (state.isStopping) return;
    // A flow that serves until then is at its end.
    if (messages?.isServing === true) return finish.begin(messages);
    const request = readStopRequest(given?.reason);
    if (request.by === "signal") return state.stop({ reason: "signal", signal: request.signal });
    state.noteFailure({ kind: "abort", reason: request.reason });
    state.stop({ reason: "abort" });
  };
  const onAbort = (): void => stopFor(signal);
  const onKill = (): void => {
    stopFor(killSignal);
    // One that serves is over now, too.
    state.stop({ reason: "abort" });
    stopper.killAll();
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  killSignal?.addEventListener("abort", onKill, { once: true });
  if (signal?.aborted === true) onAbort();
  if (killSignal?.aborted === true) onKill();
  return () => {
    signal?.removeEventListener("abort", onAbort);
    killSignal?.removeEventListener("abort", onKill);
  };
}
