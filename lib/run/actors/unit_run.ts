/** One unit in one run: which of its actors are under way, and how often it was tried. */
import type { Failure } from "../../core/failure.ts";
import type { Unit } from "../../core/flow.ts";
import type { ActorRun } from "../state/actor_run.ts";

export type UnitState =
  | { readonly is: "running" }
  /** One has failed. Without a delay there is no other try. */
  | { readonly is: "failing"; readonly failure: Failure; readonly delayMs: number | undefined }
  /** The next try has not begun. */
  | { readonly is: "resting" }
  | { readonly is: "settled" };

export class UnitRun {
  readonly unit: Unit;
  /** Its number in the relays. */
  readonly id: number;
  /** Its processes, in start order. */
  readonly runs: readonly ActorRun[];
  state: UnitState = { is: "running" };
  tries: { readonly count: number; readonly firstAt: number } = { count: 0, firstAt: 0 };
  /** Those that were started and have not ended for good. */
  readonly open = new Set<ActorRun>();
  /** Those that have ended by themselves in this try, all that they wrote being read. */
  readonly whole = new Set<ActorRun>();
  /** Aborted when a try has failed, and when nobody is run again. */
  resting = new AbortController();
  rewound = Promise.withResolvers<void>();

  constructor(unit: Unit, { id, runs }: { readonly id: number; readonly runs: readonly ActorRun[] }) {
    this.unit = unit;
    this.id = id;
    this.runs = runs;
  }

  get isFailing(): boolean {
    return this.state.is === "failing";
  }

  /** The processes of this try that are known to have ended. */
  get pids(): readonly number[] {
    return this.runs.flatMap(({ phase }) => phase.phase === "ended" ? phase.result.pid ?? [] : []);
  }

  /** One of its actors is being started: the first of a try begins that. */
  begin(run: ActorRun): void {
    if (this.open.size === 0 && this.runs.every(({ process }) => process.tries.count === 0)) {
      const { count, firstAt } = this.tries;
      this.tries = { count: count + 1, firstAt: count === 0 ? Date.now() : firstAt };
    }
    this.open.add(run);
  }

  /** A try is over. */
  rest(): void {
    this.state = { is: "resting" };
    this.resting = new AbortController();
    this.rewound = Promise.withResolvers();
    this.whole.clear();
  }
}
