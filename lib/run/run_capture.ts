/**
 * What of a run goes into its database: which streams there are, and how each comes there.
 *
 *   a stream that is read          ─▶ its relay copies it into a tap
 *   a stream that nobody reads     ─▶ straight from its actor
 *   a value, a file                ─▶ once more from where it is
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { ActorRecord, RunRecord, StreamRecord } from "../core/archive.ts";
import type { RunEvent } from "../core/event.ts";
import type { Actor, StreamRef } from "../core/flow.ts";
import { isProcess, streamName } from "../core/flow.ts";
import type { Plan } from "../core/plan.ts";
import { streamKey } from "../graph/plan_flow.ts";
import { closeFd, makeEnginePipe } from "../host/descriptors.ts";
import { isLinux } from "../host/runtime.ts";
import { readPosition } from "../process/process_table.ts";
import type { Capture, CaptureHooks } from "../store/capture.ts";

/** The end of a pipe for one stream: of its tap, or what its actor writes to. */
export interface CapturePipe {
  readonly writeFd: number;
  /** From now on it is read. */
  readonly started: () => void;
  /** It is not needed: both ends are closed. */
  readonly notStarted: () => void;
}

export class RunCapture {
  readonly #plan: Plan;
  readonly #capture: Capture;
  readonly #streams: readonly StreamRecord[];
  /** Stream key to its number. */
  readonly #numbers: ReadonlyMap<string, number>;
  /** Streams that go through a pipe and are whole in it, and not yet told so; and actors that ended by themselves. */
  readonly #piped = new Set<string>();
  readonly #whole = new Set<string>();
  readonly #finished = new Set<string>();

  constructor(
    plan: Plan,
    { capture, uuid, startedAt, hooks }: {
      readonly capture: Capture;
      readonly uuid: string;
      readonly startedAt: number;
      readonly hooks: CaptureHooks;
    },
  ) {
    this.#plan = plan;
    this.#capture = capture;
    const record = makeRecord(plan, { uuid, startedAt });
    this.#streams = record.streams;
    this.#numbers = new Map(record.streams.map((stream, number) => [streamKey(stream), number]));
    capture.begin(record, hooks);
  }

  get file(): string {
    return this.#capture.file;
  }

  note(event: RunEvent): void {
    if (event.type !== "progress") this.#capture.note(event);
  }

  /** Captures what is there without any process. */
  startSources(): void {
    for (const { name, source } of this.#plan.actors) {
      const number = this.#numberOf({ actor: name, port: "stdout" });
      if (source.kind === "value") this.#capture.writeBytes(number, source.bytes);
      // Anything else than a regular file may not be the same when it is read once more, or may have no end.
      else if (source.kind === "file" && isRegular(source.path)) {
        this.#capture.readFile(number, { path: source.path, from: 0 });
      }
    }
  }

  /** Makes a pipe for a stream: for a copy of what its relay takes, or for what the actor itself writes. */
  openPipe(stream: StreamRef, { isTap }: { readonly isTap: boolean }): CapturePipe {
    const { readFd, writeFd } = makeEnginePipe("read");
    const number = this.#numberOf(stream);
    this.#piped.add(streamKey(stream));
    if (!isTap) this.#whole.add(streamKey(stream));
    return {
      writeFd,
      started: () => this.#capture.readPipe(number, readFd),
      notStarted: () => [readFd, writeFd].forEach(closeFd),
    };
  }

  /** Standard input that is a file: what is left of it. False where that cannot be read once more. */
  readStandardInput(stream: StreamRef): boolean {
    const from = readPosition(0);
    if (!isLinux || from === undefined) return false;
    this.#capture.readFile(this.#numberOf(stream), { path: "/proc/self/fd/0", from });
    return true;
  }

  /** A stream that has nothing. */
  noteEmpty(stream: StreamRef): void {
    this.#capture.writeBytes(this.#numberOf(stream), new Uint8Array());
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
    if (!this.#whole.has(key) || !isFinished || !this.#piped.delete(key)) return;
    this.#capture.end(this.#numberOf(stream));
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

/** Everything in the order of the flow. */
function makeRecord(
  plan: Plan,
  { uuid, startedAt }: { readonly uuid: string; readonly startedAt: number },
): RunRecord {
  const taking = new Set(plan.actors);
  const actors = [...plan.flow.actors.values()].filter((actor) => taking.has(actor));
  const read = new Set(plan.edges.map(({ from }) => streamKey(from)));
  return {
    uuid,
    flow: plan.flow.name,
    startedAt,
    actors: actors.map(toRecord),
    streams: actors.flatMap((actor) => listStreams(actor, read)),
  };
}

function toRecord(actor: Actor): ActorRecord {
  const { name, source, inputs, explain } = actor;
  return {
    name,
    kind: source.kind,
    ...(explain === undefined ? {} : { explain }),
    definition: hashDefinition(actor),
    inputs: inputs.flatMap(({ name: port, streams }) =>
      streams.map((stream) => ({ port, stream: streamName(stream) }))
    ),
  };
}

/** A tap copies what is taken from a pipe: of several tries, or of several workers, that is not what counts. */
export function isCaptured({ retry, workers }: Actor): boolean {
  return retry === undefined && workers === undefined;
}

/** Standard error is a stream when somebody reads it; its lines are events otherwise. */
function listStreams(actor: Actor, read: ReadonlySet<string>): readonly StreamRecord[] {
  if (!isCaptured(actor)) return [];
  const ports = isProcess(actor)
    ? ["stdout", ...actor.outputs.map(({ name }) => name), "stderr"]
    : ["stdout"];
  return ports
    .map((port) => ({ actor: actor.name, port, name: streamName({ actor: actor.name, port }) }))
    .filter((stream) => stream.port !== "stderr" || read.has(streamKey(stream)));
}

/** The same for actors that do the same. A hash, because the environment may hold what nobody should read. */
export function hashDefinition({ source, inputs, outputs, env, cwd, ok }: Actor): string {
  const what = source.kind === "value"
    ? ["value", createHash("sha256").update(source.bytes).digest("hex")]
    : source;
  const variables = Object.entries(env).sort(([a], [b]) => a < b ? -1 : 1);
  const place = isProcessKind(source.kind) ? [cwd, variables, ok] : [];
  return createHash("sha256").update(JSON.stringify([what, inputs, outputs, place])).digest("hex");
}

function isProcessKind(kind: Actor["source"]["kind"]): boolean {
  return kind === "run" || kind === "sh";
}

function isRegular(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
