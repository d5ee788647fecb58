/**
 * Where a flow meets the world: its outputs (standard output and files), and its sources that are no process.
 */
import { Buffer } from "node:buffer";
import type { Failure } from "../../core/failure.ts";
import type { ActorActivity } from "../../core/wait.ts";
import type { FlowOutput } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import type { OutputResult } from "../../core/result.ts";
import { streamsInto } from "../../graph/select_actors.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import type { ByteWriter } from "../../host/bytes/byte_writer.ts";
import { writeStandardOutput } from "../../host/bytes/byte_writer.ts";
import { isCallerWritable, writeToCaller } from "../../host/bytes/caller_streams.ts";
import { carry } from "../../host/bytes/carry.ts";
import { kindOfFd, makeEnginePipe, openNull, reopenPipe } from "../../host/descriptors/descriptors.ts";
import { describeCallerError, describeSystemError } from "../../host/system_error.ts";
import type { TellWaiting } from "./tell_waiting.ts";
import { waitForReader } from "../../host/descriptors/named_pipe.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import { waitFor } from "../../host/time/wait_for.ts";
import { FlowSources } from "./flow_sources.ts";
import type { OutputFile } from "./output_file.ts";
import { openOutputFile } from "./output_file.ts";
import { OutputFolders } from "./output_folders.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RelayClient, RelayedJoin, RelayError } from "../relays/relay_client.ts";
import type { PlanRunOptions } from "../state/run_options.ts";

interface BorderContext {
  readonly relays: RelayClient;
  readonly options: PlanRunOptions;
  readonly run: string;
  readonly folder: RunFolder;
  readonly capture: RunCapture | undefined;
  readonly onFailure: (failure: Failure) => void;
  /** An actor or an output has waited for the other end of a named pipe for a while. */
  readonly onWaiting: TellWaiting["onWaiting"];
  /** An output has got all it gets. */
  readonly onChange: () => void;
}

/** How a run went, as far as its outputs have to know. */
export interface RunVerdict {
  readonly isStopped: boolean;
  /** Actors. */
  readonly failed: ReadonlySet<string>;
}

export class FlowBorder {
  /** The files of `out` by target, once opened. */
  readonly files = new Map<string, OutputFile>();
  readonly #folders = new OutputFolders();
  readonly #plan: Plan;
  readonly #context: BorderContext;
  readonly sources: FlowSources;
  /** What is still written through the relays. */
  readonly #outputs = new Set<RelayedJoin>();
  /** Standard input and output where only the runtime can read and write them. */
  readonly #pumps = new Set<Promise<void>>();
  readonly #pumpReaders: ByteReader[] = [];
  #settled: (() => void) | undefined;
  readonly #broken = new Set<string>();
  readonly #captured: Uint8Array[] = [];
  /** Named pipes that wait for a reader, until that is given up. */
  readonly #unread = new Map<string, RelayedJoin>();
  readonly #waiting = new AbortController();

  constructor(plan: Plan, context: BorderContext) {
    this.#plan = plan;
    this.#context = context;
    this.sources = new FlowSources(plan, context);
  }

  /** The named pipes at whose other end nobody is yet. */
  listWaiting(): readonly ActorActivity[] {
    const unread = [...this.#unread.keys()].map((actor): ActorActivity => ({
      actor,
      does: "waits",
      at: ["for somebody who reads the named pipe"],
    }));
    return [...this.sources.listWaiting(), ...unread];
  }

  /** True when every output that goes through the engine has got all its bytes, or nobody reads it any more. */
  get areOutputsDone(): boolean {
    return this.#outputs.size === 0 && this.#pumps.size === 0;
  }

  /** What went to standard output, if it was to be captured. */
  get captured(): Uint8Array | undefined {
    return this.#context.options.stdout === "capture"
      ? new Uint8Array(Buffer.concat(this.#captured))
      : undefined;
  }

  /** Opens the files of `out`. False when one cannot be opened: then nothing is to be started. */
  open(): boolean {
    for (const [number, { target, of }] of this.#plan.outputs.entries()) {
      if (target === "-") continue;
      try {
        if (of !== undefined) this.#folders.makeFor(target);
        this.files.set(target, openOutputFile(target, { ...this.#context, number }));
      } catch (error) {
        this.failToWrite(target, describeSystemError(error));
        return false;
      }
    }
    return true;
  }

  /** Starts what goes through the engine: outputs first, then sources. */
  start(): void {
    const { relays } = this.#context;
    for (const joined of relays.joins) {
      if (joined.join.to.kind === "output") this.#startOutput(joined, joined.join.to.target);
    }
    this.sources.start();
    if (this.#unread.size > 0 || this.#plan.namedPipes.size > 0) void this.#tellWaiting();
  }

  async #tellWaiting(): Promise<void> {
    const { tellWaiting } = await import("./tell_waiting.ts");
    await tellWaiting(() => this.listWaiting(), {
      onWaiting: this.#context.onWaiting,
      signal: this.#waiting.signal,
    });
  }

  #startOutput(joined: RelayedJoin, target: string): void {
    this.#outputs.add(joined);
    const file = this.files.get(target);
    if (file !== undefined) return this.#openFile(joined, file);
    const { stdout = "inherit" } = this.#context.options;
    const kind = stdout === "inherit" ? kindOfFd(1) : undefined;
    if (kind === "file") return this.#context.relays.openJoin(joined, { fd: 1, isFile: true });
    if (stdout === "ignore") {
      return this.#context.relays.openJoin(joined, { fd: openNull(), isFile: true });
    }
    const reopened = kind === "pipe" ? reopenPipe(1, "write") : undefined;
    if (reopened !== undefined) {
      return this.#context.relays.openJoin(joined, { fd: reopened, isFile: false });
    }
    const { readFd, writeFd } = makeEnginePipe("write");
    this.#context.relays.openJoin(joined, { fd: writeFd, isFile: false });
    this.#pump(target, { reader: readPipe(readFd, { isStrict: true }), writer: this.#openWriter() });
  }

  #openFile(joined: RelayedJoin, file: OutputFile): void {
    const { target, path, fd, isPipe } = file;
    if (path !== undefined) return this.#context.relays.openJoin(joined, { path });
    if (fd !== undefined) {
      if (isPipe) file.take({ isBlocking: false });
      return this.#context.relays.openJoin(joined, { fd, isFile: !isPipe });
    }
    const { signal } = this.#waiting;
    this.#unread.set(target, joined);
    waitForReader(target, signal).then(
      (opened) => this.#context.relays.openJoin(joined, { fd: opened, isFile: false }),
      (error: unknown) => {
        // Given up: nobody has read it before the run was ended.
        if (signal.aborted) return;
        this.failToWrite(target, describeSystemError(error));
        this.#context.relays.dropJoin(joined);
      },
    ).finally(() => this.#unread.delete(target));
  }

  /** Standard output that only the runtime can write: a terminal, the caller's stream, the result. */
  #openWriter(): ByteWriter {
    const { stdout = "inherit" } = this.#context.options;
    if (stdout === "inherit") return writeStandardOutput();
    if (isCallerWritable(stdout)) return writeToCaller(stdout);
    return {
      write: (chunk) => {
        this.#captured.push(chunk.slice());
        return Promise.resolve(true);
      },
      close: () => undefined,
    };
  }

  #pump(
    target: string,
    { reader, writer }: { readonly reader: ByteReader; readonly writer: ByteWriter },
  ): void {
    this.#pumpReaders.push(reader);
    const done = carry(reader, writer)
      .catch((error: unknown) => this.failToWrite(target, describeCallerError(error)))
      .finally(() => {
        this.#pumps.delete(done);
        this.#context.onChange();
      });
    this.#pumps.add(done);
  }

  /** An output has got all it gets, or could not be written. */
  endOutput(joined: RelayedJoin, error: RelayError | undefined): void {
    const { to } = joined.join;
    if (to.kind !== "output") return;
    this.#outputs.delete(joined);
    if (error !== undefined) {
      this.#broken.add(to.target);
      this.#context.onFailure({ kind: "write", target: to.target, errno: error.code, reason: error.message });
    }
    this.#settled?.();
    this.#context.onChange();
  }

  /** Waits until the outputs have what was written, at most `graceMs`, then lets go of whoever does not take it. */
  async settle(
    { isHurried, graceMs }: { readonly isHurried: boolean; readonly graceMs: number },
  ): Promise<void> {
    this.sources.close();
    this.#waiting.abort();
    for (const joined of this.#unread.values()) this.#context.relays.dropJoin(joined);
    if (this.areOutputsDone) return;
    await waitFor(this.#whenSettled(), isHurried ? 0 : graceMs);
    for (const joined of this.#outputs) this.#context.relays.dropJoin(joined);
    for (const reader of this.#pumpReaders) reader.close();
  }

  async #whenSettled(): Promise<void> {
    while (this.#outputs.size > 0) await new Promise<void>((resolve) => this.#settled = resolve);
    await Promise.all(this.#pumps);
  }

  /** Puts the files in place, or removes them. A file is kept when nothing it depends on went wrong. */
  finish({ isStopped, failed }: RunVerdict): readonly OutputResult[] {
    this.#waiting.abort();
    const results = this.#plan.outputs.map((output): OutputResult => {
      const { target } = output;
      const file = this.files.get(target);
      this.files.delete(target); // Once: its descriptor is others' afterwards.
      const bytes = this.#countBytes(target, file);
      const isKept = this.keeps(output, { isStopped, failed });
      try {
        file?.finish(isKept);
      } catch (error) {
        this.failToWrite(target, describeSystemError(error));
        return { target, bytes, isKept: false };
      }
      return { target, bytes, isKept };
    });
    this.#folders.removeEmpty();
    return results;
  }

  /** True when nothing went wrong that an output depends on. */
  keeps({ target, streams }: FlowOutput, { isStopped, failed }: RunVerdict): boolean {
    const isHurt = this.#plan.flow.onFailure === "continue"
      ? this.#dependsOn(streams.map((stream) => stream.actor), failed)
      : failed.size > 0 || this.#broken.size > 0;
    return !isStopped && !isHurt && !this.#broken.has(target);
  }

  #countBytes(target: string, file: OutputFile | undefined): number | undefined {
    try {
      return file?.countBytes() ?? this.#countGiven(target);
    } catch (error) {
      this.failToWrite(target, describeSystemError(error));
      return undefined;
    }
  }

  #countGiven(target: string): number | undefined {
    const joined = this.#context.relays.joins.find(({ join: { to } }) =>
      to.kind === "output" && to.target === target
    );
    return joined === undefined ? undefined : this.#context.relays.countGiven(joined.join.edges);
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

  /** An output will not be whole. */
  breakOutput(target: string): void {
    this.#broken.add(target);
  }

  /** An output could not be written. */
  failToWrite(target: string, error: { readonly errno: string; readonly reason: string }): void {
    this.breakOutput(target);
    this.#context.onFailure({ kind: "write", target, ...error });
  }
}
