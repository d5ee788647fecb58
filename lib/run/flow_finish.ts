/**
 * The orderly end of a flow of messages before its sources are at their ends: a signal to one that serves, or an actor
 * that says so.
 *
 *   finish ─┬─▶ sources stop: files, standard input, processes that read nothing
 *           └─▶ message actors get Shutdown ─▶ what they still write goes on to its end
 */
import { isProcess } from "../core/flow.ts";
import type { ProcessStopper } from "../process/stop/process_stopper.ts";
import type { ActorRun } from "./state/actor_run.ts";
import type { FlowBorder } from "./wiring/flow_border.ts";
import type { RunState } from "./state/run_state.ts";

interface FinishContext {
  readonly state: RunState;
  readonly ends: FlowBorder;
  readonly stopper: ProcessStopper;
  readonly actors: ReadonlyMap<string, ActorRun>;
}

export class FlowFinish {
  readonly #context: FinishContext;
  #hasBegun = false;

  constructor(context: FinishContext) {
    this.#context = context;
  }

  /** `messages` are the message actors, where there are some. */
  begin(messages: { readonly finish: () => void } | undefined): void {
    if (this.#hasBegun || this.#context.state.isStopping) return;
    this.#hasBegun = true;
    this.#context.ends.sources.close();
    this.stopSources();
    messages?.finish();
  }

  /** Ends the processes that nothing comes to, also those that were started meanwhile. That is no failure of them. */
  stopSources(): void {
    if (!this.#hasBegun) return;
    const { state, stopper, actors } = this.#context;
    for (const { actor, process } of actors.values()) {
      if (!isProcess(actor) || actor.inputs.length > 0 || process.isStopped) continue;
      if (process.pid !== undefined) state.track(stopper.stop(process));
    }
  }
}
