/**
 * What of a run goes into its database: which streams there are, and how each comes there.
 *
 *   a stream that is read          ─▶ its relay copies it into a tap
 *   a stream that nobody reads     ─▶ straight from its actor
 *   a value, a file                ─▶ once more from where it is
 */

import type { StreamRecord } from "../../core/archive.ts";
import type { RunEvent } from "../../core/event.ts";
import { isLive } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import type { Actor, StreamRef } from "../../core/flow.ts";
import { isMessageActor, isProcess, streamKey, streamName } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import type { Hide } from "../../core/secrets.ts";
import type { kindOfFd } from "../../host/descriptors/descriptors.ts";
import { closeFd, makeEnginePipe } from "../../host/descriptors/descriptors.ts";
import { isLinux } from "../../host/runtime.ts";
import { statIfThere } from "../../host/files/stat_if_there.ts";
import { readPosition } from "../../process/proc/process_table.ts";
import type { Capture } from "../../store/capture/capture.ts";
import type { LoadedState } from "../state/loaded_state.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { PlanRunOptions } from "../state/run_options.ts";
import { stretchSecrets } from "../reads/stretch_secrets.ts";
import { makeRecord, toGrown } from "./run_record.ts";

/** The end of a pipe for one stream: of its tap, or what its actor writes to. */
export interface CapturePipe {
  readonly writeFd: number;
  /** From now on it is read. */
  readonly started: () => void;
  /** It is not needed: both ends are closed. */
  readonly notStarted: () => void;
}

interface RunCaptureOptions {
  readonly options: PlanRunOptions;
  readonly uuid: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The database could not be written on. */
  readonly onFailed: (failure: Failure) => void;
  /** The capture's thread broke: a bug. */
  readonly onError: (error: unknown) => void;
}

/** Makes ready to capture a run, when the options name a capture. */
export function captureRun(plan: Plan, options: RunCaptureOptions): RunCapture | undefined {
  const { capture } = options.options;
  return capture === undefined ? undefined : new RunCapture(plan, { ...options, capture });
}

export class RunCapture {
  readonly #plan: Plan;
  readonly #stretch: Hide;
  readonly #capture: Capture;
  readonly #begin: () => void;
  readonly #state: LoadedState | undefined;
  readonly #streams: StreamRecord[];
  /** Stream key to its number. */
  readonly #numbers: Map<string, number>;
  /** How often somebody with a name was spawned. */
  readonly #spawned = new Map<string, number>();
  /** Streams of which it is not told that they are whole, and whether they go through a pipe. */
  readonly #open = new Map<string, { readonly isPiped: boolean }>();
  /** Streams that were read to their ends, and actors that ended by themselves. */
  readonly #whole = new Set<string>();
  readonly #finished = new Set<string>();

  constructor(plan: Plan, options: RunCaptureOptions & { readonly capture: Capture }) {
    const { capture, uuid, startedAt, onFailed, onError } = options;
    const { state } = options.options;
    this.#plan = plan;
    this.#stretch = stretchSecrets(plan.flow);
    this.#capture = capture;
    this.#state = state;
    const record = makeRecord(plan, { uuid, startedAt, state });
    this.#streams = [...record.streams];
    this.#numbers = new Map(record.streams.map((stream, number) => [streamKey(stream), number]));
    this.#begin = () =>
      capture.begin(record, {
        onFailed: (failure) => onFailed({ kind: "capture", file: capture.file, ...failure }),
        onError,
      });
  }

  get file(): string {
    return this.#capture.file;
  }

  /** The run begins. */
  begin(): void {
    this.#begin();
  }

  note(event: RunEvent): void {
    if (!isLive(event)) this.#capture.note(event);
  }

  /** Captures what is there without any process. */
  startSources(): void {
    for (const stream of this.#streams) {
      if (stream.origin !== undefined) continue; // It is in the database.
      const path = this.#state?.files.get(stream.name);
      if (path !== undefined) this.#capture.readFile(this.#numberOf(stream), { path, from: 0 });
    }
    for (const { name, source } of this.#plan.actors) {
      if (this.#state?.files.has(name) === true) continue;
      if (source.kind !== "value" && source.kind !== "file") continue;
      const number = this.#numberOf({ actor: name, port: "stdout" });
      if (source.kind === "value") this.#keep(number, source.bytes);
      // Anything else than a regular file may not be the same when it is read once more, or may have no end.
      else if (source.kind === "file" && isRegular(source.path)) {
        this.#capture.readFile(number, { path: source.path, from: 0 });
      }
    }
  }

  /** Captures the streams that are copied where they are given on. */
  startCopies(relays: RelayClient): void {
    for (const copy of relays.sides) {
      const [edge] = copy.of.edges;
      if (edge === undefined || copy.purpose !== "capture") continue;
      const pipe = this.openPipe(edge.from, { isTap: true });
      pipe.started();
      relays.openJoin(copy, { fd: pipe.writeFd, isFile: false });
    }
  }

  /** Makes a pipe for a stream: for a copy of what its relay takes, or for what the actor itself writes. */
  openPipe(stream: StreamRef, { isTap }: { readonly isTap: boolean }): CapturePipe {
    const { readFd, writeFd } = makeEnginePipe("read");
    const number = this.#numberOf(stream);
    this.#open.set(streamKey(stream), { isPiped: true });
    if (!isTap) this.#whole.add(streamKey(stream));
    return {
      writeFd,
      started: () => this.#capture.readPipe(number, readFd),
      notStarted: () => [readFd, writeFd].forEach(closeFd),
    };
  }

  /** An actor that was spawned; gives the pipe for what its process writes, and keeps a value. */
  addSpawned(actor: Actor, inputs: readonly string[]): CapturePipe | undefined {
    const { name, source } = actor;
    const count = (this.#spawned.get(name) ?? 0) + 1;
    this.#spawned.set(name, count);
    const of = { actor: name, port: "stdout" };
    const isMessages = isMessageActor(actor);
    this.#capture.grow({
      actor: count > 1 ? undefined : toGrown(actor, { inputs, stretch: this.#stretch }),
      // One after the other may have the same name.
      stream: isMessages ? undefined : { ...of, name: count === 1 ? name : `${name} (${count})` },
    });
    if (isMessages) return undefined;
    const number = this.#streams.push({ ...of, name }) - 1;
    this.#numbers.set(streamKey(of), number);
    if (source.kind !== "value") return this.openPipe(of, { isTap: false });
    this.#keep(number, source.bytes);
    return undefined;
  }

  /** Captures standard input; gives the write end of a tap, where that is the way. */
  captureStdin(stream: StreamRef | undefined, kind: ReturnType<typeof kindOfFd>): number | undefined {
    if (stream === undefined) return undefined;
    const number = this.#numberOf(stream);
    if (kind === "closed") {
      this.#keep(number, new Uint8Array());
      return undefined;
    }
    // A file has no tap: what is left of it is read once more instead, where that can be done.
    const from = kind === "file" && isLinux ? readPosition(0) : undefined;
    if (from !== undefined) {
      this.#capture.readFile(number, { path: "/proc/self/fd/0", from });
      return undefined;
    }
    const tap = this.openPipe(stream, { isTap: true });
    tap.started();
    return tap.writeFd;
  }

  /** All of a stream is in a file. */
  keepFile(stream: StreamRef, path: string): void {
    const number = this.#numbers.get(streamKey(stream));
    if (number !== undefined) this.#capture.readFile(number, { path, from: 0 });
  }

  #keep(number: number, bytes: Uint8Array): void {
    this.#capture.writeBytes(number, bytes);
    this.#capture.end(number, { isPiped: false });
  }

  /**
   * The standard error of an actor, which the run reads itself for its lines; it is a stream only when the flow, though
   * not this part of it, reads it. To be given all bytes, then undefined.
   */
  openStderr(actor: string): (bytes: Uint8Array | undefined) => void {
    const stream = { actor, port: "stderr" };
    const number = this.#numbers.get(streamKey(stream));
    if (number === undefined) return () => undefined;
    this.#open.set(streamKey(stream), { isPiped: false });
    return (bytes) => bytes === undefined ? this.noteWhole(stream) : this.#capture.writeBytes(number, bytes);
  }

  /** A stream is not captured as a whole. */
  cut(stream: StreamRef): void {
    this.#open.delete(streamKey(stream));
  }

  /** A relayed stream was read to its end. */
  noteWhole(stream: StreamRef): void {
    this.#whole.add(streamKey(stream));
    this.#tellWhole(stream);
  }

  /** An actor has ended, not by a signal and not because nobody read it any more. */
  noteFinished(actor: string): void {
    this.#finished.add(actor);
    for (const stream of this.#streams) if (stream.actor === actor) this.#tellWhole(stream);
  }

  /** What an actor has written is all only when it has ended by itself. */
  #tellWhole(stream: StreamRef): void {
    const key = streamKey(stream);
    const actor = this.#plan.flow.actors.get(stream.actor);
    const isFinished = actor === undefined || !isProcess(actor) || this.#finished.has(stream.actor);
    const open = this.#open.get(key);
    if (!this.#whole.has(key) || !isFinished || open === undefined) return;
    this.#open.delete(key);
    this.#capture.end(this.#numberOf(stream), open);
  }

  /** Resolves when all bytes are in the database. */
  async settle({ isStopped }: { readonly isStopped: boolean }): Promise<void> {
    await this.#capture.settle({ wantsFiles: !isStopped });
  }

  async close(): Promise<void> {
    await this.#capture.close();
  }

  #numberOf(stream: StreamRef): number {
    const number = this.#numbers.get(streamKey(stream));
    if (number === undefined) throw new Error(`No stream ${streamName(stream)} is captured`);
    return number;
  }
}

function isRegular(path: string): boolean {
  return statIfThere(path)?.isFile() === true;
}
