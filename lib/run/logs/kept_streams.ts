/**
 * The streams of a flow that are kept whole while it runs, for processes that are spawned later:
 *
 *   a stream that is read        ─▶ its relay copies it into the log
 *   a stream that nobody reads   ─▶ the engine reads it into the log
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Failure, OverRoom } from "../../core/failure.ts";
import type { StreamRef } from "../../core/flow.ts";
import { isProcess, streamName } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import { closeFd, makeEnginePipe } from "../../host/descriptors/descriptors.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import type { Wires } from "../../process/state/wires.ts";
import { GrowingLog } from "./growing_log.ts";
import { pour } from "./pour.ts";
import { WholeFiles } from "./whole_files.ts";
import type { RelayClient, RelayError } from "../relays/relay_client.ts";
import type { CapturePipe } from "../capture/run_capture.ts";

export class KeptStreams {
  /** By the names of the streams. */
  readonly logs = new Map<string, GrowingLog>();
  readonly #plan: Plan;
  readonly #actors: ReadonlySet<string>;
  readonly #folder: RunFolder;
  readonly #onFailure: (failure: Failure & { readonly kind: "keep" }) => void;
  /** How much all of them take, also those that have ended. */
  readonly #room: WholeFiles<StreamRef>;

  constructor(
    plan: Plan,
    { folder, onFailure }: {
      readonly folder: RunFolder;
      /** A stream can be kept no further. */
      readonly onFailure: (failure: Failure & { readonly kind: "keep" }) => void;
    },
  ) {
    this.#plan = plan;
    // One that was loaded from an earlier run is a file that is there.
    const kept = plan.actors.filter((actor) => actor.isKept === true && isProcess(actor));
    this.#actors = new Set(kept.map(({ name }) => name));
    this.#folder = folder;
    this.#onFailure = onFailure;
    this.#room = new WholeFiles<StreamRef>({
      folder: folder.root,
      spillBytes: plan.flow.limits.spillBytes,
      onOver: (stream, over) =>
        this.#tell(stream, { errno: "EFBIG", reason: "it takes too much room", over }),
    });
  }

  /** True for an actor whose streams are kept. */
  has(actor: string): boolean {
    return this.#actors.has(actor);
  }

  /** Begins to keep them. */
  start(relays: RelayClient): void {
    for (const { name, outputs } of this.#plan.actors) {
      if (!this.has(name)) continue;
      for (const port of ["stdout", ...outputs.map((output) => output.name)]) {
        this.#make({ actor: name, port });
      }
    }
    for (const copy of relays.sides) {
      const [edge] = copy.of.edges;
      if (edge === undefined || copy.purpose !== "keep") continue;
      const log = this.logs.get(streamName(edge.from)) ?? this.#make(edge.from);
      relays.openJoin(copy, { path: log.path });
    }
  }

  #make(stream: StreamRef): GrowingLog {
    const log = new GrowingLog(join(this.#folder.path, `kept-${this.logs.size}`));
    this.logs.set(streamName(stream), log);
    this.#room.start(stream, () => statSync(log.path, { throwIfNoEntry: false })?.size ?? 0);
    return log;
  }

  /** Keeps what a process writes that nobody reads; gives the descriptor for the process. */
  wire(
    stream: StreamRef,
    { wires, tap, ended }: {
      readonly wires: Wires;
      readonly tap: CapturePipe | undefined;
      readonly ended: Promise<void>[];
    },
  ): number {
    if (tap !== undefined) wires.notStarted.push(tap.notStarted);
    const log = this.logs.get(streamName(stream)) ?? this.#make(stream);
    const { readFd, writeFd } = makeEnginePipe("read");
    wires.notStarted.push(() => [readFd, writeFd].forEach(closeFd));
    wires.started.push(() => {
      closeFd(writeFd);
      ended.push(log.fill(readPipe(readFd)).catch((error: unknown) => this.#fail(stream, error)));
      if (tap === undefined) return;
      tap.started();
      ended.push(pour([log.open()], tap.writeFd).catch((error: unknown) => this.#fail(stream, error)));
    });
    return writeFd;
  }

  /** All of a stream has come, or no more of it can be kept. */
  end(stream: StreamRef, error: RelayError | undefined): void {
    const log = this.logs.get(streamName(stream));
    if (log !== undefined) log.isEnded = true;
    if (error === undefined) return;
    this.#tell(stream, { errno: error.code, reason: error.message });
  }

  #fail(stream: StreamRef, error: unknown): void {
    this.#tell(stream, describeSystemError(error));
  }

  #tell(
    stream: StreamRef,
    error: { readonly errno: string; readonly reason: string; readonly over?: OverRoom },
  ): void {
    this.#onFailure({ kind: "keep", stream: streamName(stream), folder: this.#folder.root, ...error });
  }

  /** An actor that will not run: what it would have written is at its end. */
  endActor(actor: string): void {
    const { outputs = [] } = this.#plan.flow.actors.get(actor) ?? {};
    for (const port of ["stdout", "stderr", ...outputs.map(({ name }) => name)]) {
      this.end({ actor, port }, undefined);
    }
  }

  /** Nobody follows them any more. */
  close(): void {
    this.#room.stop();
    for (const log of this.logs.values()) log.isEnded = true;
  }
}
