/**
 * The sources of a flow that are no process: values, files, named pipes, standard input.
 */
import type { Failure } from "../../core/failure.ts";
import type { ActorSource } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import type { ActorActivity } from "../../core/wait.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readBytes, readStandardInput } from "../../host/bytes/byte_reader.ts";
import { writePipe } from "../../host/bytes/byte_writer.ts";
import { isCallerReadable, readFromCaller } from "../../host/bytes/caller_streams.ts";
import { carry } from "../../host/bytes/carry.ts";
import { duplicate, kindOfFd, makeEnginePipe, reopenPipe } from "../../host/descriptors/descriptors.ts";
import { openToRead } from "../../host/descriptors/named_pipe.ts";
import { describeCallerError, describeSystemError } from "../../host/system_error.ts";
import { findOutputPlace } from "../../process/start/output_place.ts";
import type { RelayClient, RelayedStream, RelayError } from "../relays/relay_client.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { PlanRunOptions, StdinOption } from "../state/run_options.ts";

interface SourcesContext {
  readonly relays: RelayClient;
  readonly options: PlanRunOptions;
  readonly capture: RunCapture | undefined;
  readonly onFailure: (failure: Failure) => void;
}

export class FlowSources {
  readonly #plan: Plan;
  readonly #context: SourcesContext;
  /** What is still read. */
  readonly #sources = new Set<RelayedStream>();
  #stdin: ByteReader | undefined;

  constructor(plan: Plan, context: SourcesContext) {
    this.#plan = plan;
    this.#context = context;
  }

  /** Starts to read all that goes through the engine. */
  start(): void {
    for (const stream of this.#context.relays.streams) {
      const name = stream.edges[0]?.from.actor ?? "";
      const source = this.#plan.flow.actors.get(name)?.source;
      if (source !== undefined) this.#startSource(stream, source);
    }
  }

  /** A value or a file is read anew for every edge, standard input once for all. */
  #startSource(stream: RelayedStream, source: ActorSource): void {
    const { relays } = this.#context;
    if (source.kind === "run" || source.kind === "sh" || source.kind === "split") return;
    this.#sources.add(stream);
    if (source.kind === "value") return relays.openBytes(stream, source.bytes);
    if (source.kind === "file") return this.#startFile(stream, source.path);
    this.#startStdin(stream);
  }

  #startFile(stream: RelayedStream, path: string): void {
    const { relays } = this.#context;
    const actor = stream.edges[0]?.from.actor ?? "";
    if (!this.#plan.readOnce.has(actor)) return relays.openFile(stream, path);
    const isPipe = this.#plan.namedPipes.has(actor);
    const tap = isPipe ? this.#context.capture?.captureStdin(stream.edges[0]?.from, "pipe") : undefined;
    try {
      if (!isPipe) return relays.openStream(stream, { kind: "device", fd: openToRead(path) });
      const isUnwritten = findOutputPlace(path).kind === "pipe";
      relays.openStream(stream, { kind: "pipe", fd: openToRead(path), tap, isUnwritten });
    } catch (error) {
      this.#context.onFailure({ kind: "read", actor, path, ...describeSystemError(error) });
      relays.closeStream(stream);
    }
  }

  #startStdin(stream: RelayedStream): void {
    const { relays, options, capture } = this.#context;
    const { stdin = "inherit" } = options;
    const kind = stdin === "ignore" ? "closed" : stdin === "inherit" ? kindOfFd(0) : "other";
    const tap = capture?.captureStdin(stream.edges[0]?.from, kind);
    if (kind === "closed") return relays.closeStream(stream);
    const fd = kind === "pipe"
      ? reopenPipe(0, "read")
      : kind === "file" && tap === undefined
      ? duplicate(0)
      : undefined;
    if (fd !== undefined) {
      return relays.openStream(stream, { kind: kind === "pipe" ? "pipe" : "file", fd, tap });
    }
    const pipe = makeEnginePipe("read");
    relays.openStream(stream, { kind: "pipe", fd: pipe.readFd, tap });
    const reader = openStdin(stdin);
    this.#stdin = reader;
    // Whether its readers left is for the relays to say.
    void carry(reader, writePipe(pipe.writeFd)).catch((error: unknown) => this.#failToRead(stream, error));
  }

  /** A source has ended or could not be read. */
  end(stream: RelayedStream, error: RelayError | undefined): void {
    const actor = stream.edges[0]?.from.actor ?? "";
    const source = this.#plan.flow.actors.get(actor)?.source;
    // A file may be read again, for another try, after its first end.
    const isSource = this.#sources.delete(stream) || source?.kind === "file";
    if (!isSource || error === undefined) return;
    const path = source?.kind === "file" ? source.path : "standard input";
    this.#context.onFailure({ kind: "read", actor, path, errno: error.code, reason: error.message });
  }

  /** Nobody reads a source any more. */
  lose(stream: RelayedStream): void {
    if (!this.#sources.has(stream)) return;
    this.#context.relays.closeStream(stream);
  }

  /** Reads no more from the outside. */
  close(): void {
    for (const stream of this.#sources) this.#context.relays.closeStream(stream);
    this.#stdin?.close();
  }

  /** The named pipes that nobody has written to yet. */
  listWaiting(): readonly ActorActivity[] {
    const unwritten = [...this.#sources].flatMap((stream) => {
      const actor = stream.edges[0]?.from.actor ?? "";
      return this.#plan.namedPipes.has(actor) && this.#context.relays.countTaken(stream) === 0 ? [actor] : [];
    });
    return unwritten.map((actor) => ({
      actor,
      does: "waits",
      at: ["for somebody who writes to the named pipe"],
    }));
  }

  #failToRead(stream: RelayedStream, error: unknown): void {
    const actor = stream.edges[0]?.from.actor ?? "";
    this.#context.onFailure({ kind: "read", actor, path: "standard input", ...describeCallerError(error) });
  }
}

function openStdin(stdin: StdinOption): ByteReader {
  if (stdin === "inherit") return readStandardInput();
  if (stdin === "ignore") return readBytes(new Uint8Array());
  if (stdin instanceof Uint8Array) return readBytes(stdin);
  if (isCallerReadable(stdin)) return readFromCaller(stdin);
  return readBytes(new TextEncoder().encode(stdin.text));
}
