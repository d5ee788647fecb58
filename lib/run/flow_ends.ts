/**
 * Where a flow meets the world: its outputs (standard output and files) and the sources that are no process.
 */
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "../core/failure.ts";
import type { ActorSource } from "../core/flow.ts";
import type { Edge, Join, Plan } from "../core/plan.ts";
import type { OutputResult } from "../core/result.ts";
import { streamKey } from "../graph/plan_flow.ts";
import { streamsInto } from "../graph/select_actors.ts";
import type { ByteReader } from "../host/byte_reader.ts";
import { readBytes, readFile, readStandardInput, readStream } from "../host/byte_reader.ts";
import type { ByteWriter } from "../host/byte_writer.ts";
import { writeFile, writeStandardOutput, writeStream } from "../host/byte_writer.ts";
import { openFile } from "../host/descriptors.ts";
import type { EdgeQueue } from "../pipe/edge_queue.ts";
import { relayJoin } from "../pipe/relay_join.ts";
import { relayStream } from "../pipe/relay_stream.ts";
import type { RunFolder } from "../process/run_folder.ts";
import type { OutputFile } from "./output_file.ts";
import { openOutputFile } from "./output_file.ts";
import type { PlanRunOptions, StdinOption } from "./run_options.ts";
import { describeSystemError } from "./system_error.ts";
import type { Wiring } from "./wiring.ts";

interface EndsContext {
  readonly options: PlanRunOptions;
  readonly run: string;
  readonly folder: RunFolder;
  readonly onFailure: (failure: Failure) => void;
  /** An output has got all it gets. */
  readonly onChange: () => void;
}

export class FlowEnds {
  /** The files of `out` by target, once opened. */
  readonly files = new Map<string, OutputFile>();
  readonly #plan: Plan;
  readonly #context: EndsContext;
  readonly #sources: { close(): void }[] = [];
  readonly #writers: ByteWriter[] = [];
  readonly #joins = new Set<Promise<void>>();
  readonly #queues = new Map<string, readonly EdgeQueue[]>();
  readonly #broken = new Set<string>();
  readonly #captured: Uint8Array[] = [];

  constructor(plan: Plan, context: EndsContext) {
    this.#plan = plan;
    this.#context = context;
  }

  /** True when every output that goes through the engine has got all its bytes, or nobody reads it any more. */
  get areOutputsDone(): boolean {
    return this.#joins.size === 0;
  }

  /** What went to standard output, if it was to be captured. */
  get captured(): Uint8Array | undefined {
    return this.#context.options.stdout === "capture"
      ? new Uint8Array(Buffer.concat(this.#captured))
      : undefined;
  }

  /** Opens the files of `out`. False when one cannot be opened: then nothing is to be started. */
  open(): boolean {
    for (const { target } of this.#plan.outputs) {
      if (target === "-") continue;
      try {
        this.files.set(target, openOutputFile(target, this.#context));
      } catch (error) {
        this.#failToWrite(target, error);
        return false;
      }
    }
    return true;
  }

  /** Starts what goes through the engine: outputs first, then sources. */
  start(wiring: Wiring): void {
    for (const join of this.#plan.joins) {
      if (join.to.kind === "output" && join.edges[0]?.carrier === "relay") this.#startOutput(join, wiring);
    }
    for (const actor of this.#plan.actors) {
      const edges = wiring.readersOf(streamKey({ actor: actor.name, port: "stdout" }))
        .filter((edge) => edge.carrier === "relay");
      if (edges.length > 0) this.#startSource(actor.source, { edges, wiring });
    }
  }

  #startOutput(join: Join, wiring: Wiring): void {
    if (join.to.kind !== "output") return;
    const { target } = join.to;
    const queues = wiring.queuesOf(join.edges);
    const writer = this.#openWriter(target);
    this.#writers.push(writer);
    this.#queues.set(target, queues);
    const done = relayJoin(queues, { writer, merge: join.merge })
      .then(() => undefined, (error: unknown) => this.#failToWrite(target, error))
      .finally(() => {
        this.#joins.delete(done);
        this.#context.onChange();
      });
    this.#joins.add(done);
  }

  #openWriter(target: string): ByteWriter {
    const file = this.files.get(target);
    if (file !== undefined) return writeFile(file.fd, { isOwned: false });
    const { stdout = "inherit" } = this.#context.options;
    if (stdout === "inherit") return writeStandardOutput();
    if (stdout === "ignore") return { write: () => Promise.resolve(true), close: () => undefined };
    if (stdout !== "capture") return writeStream(stdout, { isOwned: false });
    return {
      write: (chunk) => {
        this.#captured.push(chunk.slice());
        return Promise.resolve(true);
      },
      close: () => undefined,
    };
  }

  /** A value or a file is read anew for every edge, standard input once for all. */
  #startSource(
    source: ActorSource,
    { edges, wiring }: { readonly edges: readonly Edge[]; readonly wiring: Wiring },
  ): void {
    if (source.kind === "stdin") {
      this.#feed(edges, { wiring, open: () => openStdin(this.#context.options.stdin ?? "inherit") });
    }
    if (source.kind === "value") {
      for (const edge of edges) this.#feed([edge], { wiring, open: () => readBytes(source.bytes) });
    }
    if (source.kind === "file") {
      for (const edge of edges) {
        this.#feed([edge], {
          wiring,
          path: source.path,
          open: () => readFile(openFile(source.path, "read")),
        });
      }
    }
  }

  #feed(
    edges: readonly Edge[],
    { wiring, open, path = "standard input" }: {
      readonly wiring: Wiring;
      readonly open: () => ByteReader;
      readonly path?: string;
    },
  ): void {
    const queues = wiring.queuesOf(edges);
    const actor = edges[0]?.from.actor ?? "";
    const fail = (error: unknown): void => {
      this.#context.onFailure({ kind: "read", actor, path, ...describeSystemError(error) });
    };
    try {
      const relay = relayStream(open(), queues);
      relay.finished.catch(fail);
      this.#sources.push(relay);
      wiring.whenAllDropped(queues, () => relay.close());
    } catch (error) {
      for (const queue of queues) queue.end();
      fail(error);
    }
  }

  /** Reads no more from the outside. */
  closeSources(): void {
    for (const source of this.#sources) source.close();
  }

  /** Waits until the outputs have what was written, at most `graceMs`, then lets go of whoever does not take it. */
  async settle(
    { isHurried, graceMs }: { readonly isHurried: boolean; readonly graceMs: number },
  ): Promise<void> {
    this.closeSources();
    const done = Promise.all(this.#joins);
    if (this.#joins.size === 0) return;
    const clock = new AbortController();
    await Promise.race([
      done,
      sleep(isHurried ? 0 : graceMs, undefined, { signal: clock.signal }).catch(() => undefined),
    ]);
    clock.abort();
    for (const writer of this.#writers) writer.close();
  }

  /** Puts the files in place, or removes them. A file is kept when nothing it depends on went wrong. */
  finish(
    { isStopped, failed }: { readonly isStopped: boolean; readonly failed: ReadonlySet<string> },
  ): readonly OutputResult[] {
    const isPartial = this.#plan.flow.onFailure === "continue";
    return this.#plan.outputs.map(({ target, streams }): OutputResult => {
      const file = this.files.get(target);
      const bytes = file?.countBytes() ??
        this.#queues.get(target)?.reduce((sum, queue) => sum + queue.bytesOut, 0);
      const isHurt = isPartial
        ? this.#dependsOn(streams.map((stream) => stream.actor), failed)
        : failed.size > 0 || this.#broken.size > 0;
      const isKept = !isStopped && !isHurt && !this.#broken.has(target);
      try {
        file?.finish(isKept);
      } catch (error) {
        this.#failToWrite(target, error);
        return { target, bytes, isKept: false };
      }
      return { target, bytes, isKept };
    });
  }

  #dependsOn(actors: readonly string[], failed: ReadonlySet<string>): boolean {
    const seen = new Set<string>();
    const open = [...actors];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (failed.has(name)) return true;
      const actor = this.#plan.flow.actors.get(name);
      if (actor === undefined || seen.has(name)) continue;
      seen.add(name);
      open.push(...streamsInto(actor).map((stream) => stream.actor));
    }
    return false;
  }

  #failToWrite(target: string, error: unknown): void {
    this.#broken.add(target);
    this.#context.onFailure({ kind: "write", target, ...describeSystemError(error) });
  }
}

function openStdin(stdin: StdinOption): ByteReader {
  if (stdin === "inherit") return readStandardInput();
  if (stdin === "ignore") return readBytes(new Uint8Array());
  if (stdin instanceof Uint8Array) return readBytes(stdin);
  if (stdin instanceof Readable) return readStream(stdin);
  return readBytes(new TextEncoder().encode(stdin.text));
}
