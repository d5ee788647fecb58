/**
 * How much of the disk those take that write into the cache's folder: nobody reads it before they have ended, so one
 * that never ends would fill the disk. All that run may have `limits.spill` of the flow, or half of what is free.
 */
import type { ReachedLimit } from "../../core/failure.ts";
import { LIMIT_LOOK_SHARE } from "../../core/limits/process.ts";
import { OUTPUT_LOOK_MS } from "../../core/limits/store.ts";
import { freeBytesOf } from "../../host/files/free_bytes.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { CachedOutput } from "./cached_output.ts";

export interface OutputRoomHooks {
  /** One of them has to be ended: its process knows why. */
  readonly onOver: (run: ActorRun) => void;
}

export class OutputRoom {
  readonly #folder: string;
  readonly #spillBytes: number | undefined;
  readonly #hooks: OutputRoomHooks;
  /** Those that write. */
  readonly #writing = new Map<ActorRun, CachedOutput>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { folder, spillBytes, ...hooks }: OutputRoomHooks & {
      readonly folder: string;
      /** What the flow allows. */
      readonly spillBytes: number | undefined;
    },
  ) {
    this.#folder = folder;
    this.#spillBytes = spillBytes;
    this.#hooks = hooks;
  }

  start(run: ActorRun, output: CachedOutput): void {
    this.#writing.set(run, output);
    this.#timer ??= setTimeout(() => this.#look(), OUTPUT_LOOK_MS);
  }

  /** Nobody writes for it any more, or it is ended for something else. */
  end(run: ActorRun): void {
    this.#writing.delete(run);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#writing.clear();
  }

  #look(): void {
    const begunAt = performance.now();
    const sizes = [...this.#writing].map(([run, output]) => ({ run, bytes: output.writtenBytes }));
    const usedBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    // Half of what was free before them: as much as is free now.
    const limitBytes = this.#spillBytes ?? freeBytesOf(this.#folder);
    const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
    if (usedBytes > limitBytes && largest !== undefined) this.#tell(largest.run, { usedBytes, limitBytes });
    const tookMs = performance.now() - begunAt;
    this.#timer = this.#writing.size === 0
      ? undefined
      : setTimeout(() => this.#look(), Math.max(OUTPUT_LOOK_MS, tookMs / LIMIT_LOOK_SHARE));
  }

  #tell(run: ActorRun, bytes: Pick<ReachedLimit & { limit: "output" }, "usedBytes" | "limitBytes">): void {
    const isSpillShare = this.#spillBytes === undefined;
    run.process.noteOver({ limit: "output", ...bytes, folder: this.#folder, isSpillShare });
    this.#writing.delete(run);
    this.#hooks.onOver(run);
  }
}
