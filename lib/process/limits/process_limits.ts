/**
 * Everything that limits processes: of time, of memory and of what the system keeps itself. Loaded only for runs in which
 * something is limited.
 */
import type { ActorLimits } from "../../core/flow.ts";
import type { LeftBehind } from "../proc/left_behind.ts";
import type { ProcessCommand } from "../start/process_command.ts";
import type { ProcessRun } from "../state/process_run.ts";
import type { DeadlineHooks } from "./deadlines.ts";
import { Deadlines } from "./deadlines.ts";
import { LimitSetter } from "./limit_setter.ts";
import type { LimitWatchHooks } from "./limit_watch.ts";
import { LimitWatch } from "./limit_watch.ts";

export class ProcessLimits {
  readonly #deadlines: Deadlines;
  readonly #watch: LimitWatch;
  readonly #setter = new LimitSetter();

  constructor(options: DeadlineHooks & LimitWatchHooks & { readonly left: LeftBehind }) {
    this.#deadlines = new Deadlines(options);
    this.#watch = new LimitWatch(options);
  }

  /** Starts the clock of the whole flow, when it has a limit. */
  startFlow(limitMs: number | undefined): void {
    this.#deadlines.startFlow(limitMs);
  }

  /** The command that sets the limits which the system keeps. Rejects with a SpawnError when it does not allow one. */
  async wrap(command: ProcessCommand, limits: ActorLimits | undefined): Promise<ProcessCommand> {
    return await this.#setter.wrap(command, limits);
  }

  start(run: ProcessRun): void {
    this.#deadlines.start(run);
    this.#watch.start(run);
  }

  /** True while a limit of its own is watched. */
  has(run: ProcessRun): boolean {
    return this.#deadlines.has(run) || this.#watch.has(run);
  }

  end(run: ProcessRun): void {
    this.#deadlines.end(run);
    this.#watch.end(run);
  }

  stop(): void {
    this.#deadlines.stop();
    this.#watch.stop();
  }
}
