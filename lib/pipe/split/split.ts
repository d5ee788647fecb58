/**
 * An actor that splits its input by key, among the relays: a join gives to it instead of to a pipe.
 *
 *   join ─▶ Split ─▶ Splitter ─┬─▶ KeyFiles       a file for each key, of an output of the flow,
 *                              │                  or for a member of the key, told in the stream of all keys
 *                              └─▶ KeyStreams ─▶ SplitOutput ─▶ the stream of a key that somebody reads
 *
 * No more is taken while one of the streams has as much as it may be ahead of its readers: what comes next may be for
 * it. Where that closes a ring of waiting, its edge grows like any other.
 */
import type { KeyedPath } from "../../core/flow.ts";
import { isSystemError } from "../../host/errno.ts";
import type { PoolInput, PoolWaiting } from "../state/pool_sides.ts";
import type { SplitEnd } from "../state/relay_hooks.ts";
import type { StreamState } from "../state/relay_states.ts";
import type { SplitTopology } from "../state/relay_topology.ts";
import type { PoolHost } from "../workers/pool_host.ts";
import { type Claims, KeyFiles } from "./key_files.ts";
import { KeyStreams } from "./key_streams.ts";
import { SplitProblem } from "./record_scanner.ts";
import { SplitOutput } from "./split_output.ts";
import { Splitter } from "./splitter.ts";

/** A file for each key: of an output of the flow, or for the processes of the key's member. */
export interface SplitFiles {
  /** Where they are written. */
  readonly folder: string;
  /** Where they are put in the end. */
  readonly path: KeyedPath | undefined;
}

export interface SplitHost
  extends
    Pick<PoolHost, "io" | "nullFd" | "noteTaken" | "endStream" | "again" | "resume" | "starve" | "drop"> {
  /** How much may be held of its records for files. */
  readonly heldBytes: number;
  /** The files of all splits. */
  readonly claims: Claims;
  end(end: SplitEnd): void;
}

export class Split implements PoolInput {
  readonly topology: SplitTopology;
  /** In the order of its streams. */
  readonly outputs: readonly SplitOutput[];
  readonly #host: SplitHost;
  #files: readonly KeyFiles[] = [];
  /** Undefined before it is opened, and when it has ended. */
  #splitter: Splitter | undefined;
  /** It has files that do not go with the readers of its streams. */
  #isRead = false;
  /** `given`: all of the input has come; something may still wait for room. */
  #phase: "open" | "given" | "ended" = "open";

  constructor(
    topology: SplitTopology,
    { streams, host }: { readonly streams: readonly StreamState[]; readonly host: SplitHost },
  ) {
    this.topology = topology;
    this.#host = host;
    this.outputs = streams.map((stream) => new SplitOutput(stream, host));
  }

  /** It is known where its outputs go. */
  open(files: readonly SplitFiles[]): void {
    const { io, claims, heldBytes } = this.#host;
    this.#files = files.map((each) => new KeyFiles({ io, claims, ...each }));
    this.#isRead = files.some(({ path }) => path !== undefined);
    const streams = this.topology.streams.flatMap(({ key }, at) => {
      const stream = this.outputs[at];
      return stream === undefined ? [] : [{ key, stream }];
    });
    this.#attempt(() =>
      this.#splitter = new Splitter(this.topology.rule, {
        sinks: this.#files,
        streams: streams.length === 0 ? undefined : new KeyStreams(streams),
        heldBytes,
      })
    );
  }

  /** True when the store has no room for what has come. */
  get lacksRoom(): boolean {
    return this.outputs.some((output) => output.lacksRoom);
  }

  get wantsInput(): boolean {
    return this.#phase === "open" && this.#splitter !== undefined &&
      this.outputs.every((output) => output.isReady);
  }

  /** Files always take what comes; the streams that have too much have to be read on. */
  waitsFor(): PoolWaiting {
    const full = this.outputs.filter((output) => !output.isReady);
    return { kind: "all", copies: [], streams: full.map(({ stream }) => stream) };
  }

  get isGiven(): boolean {
    return this.#phase !== "open" && !this.lacksRoom;
  }

  take(bytes: Uint8Array): void {
    this.#attempt(() => this.#splitter?.take(bytes));
    if (this.lacksRoom) this.#host.starve();
  }

  end(): void {
    if (this.#phase !== "open") return;
    this.#attempt(() => {
      this.#splitter?.end();
      this.#tellKeys();
      this.#phase = "given";
      this.turn();
    });
  }

  /** Gives what has waited, and takes more where that is possible now. */
  turn(): void {
    for (const output of this.outputs) output.goOn();
    if (this.lacksRoom) return this.#host.starve();
    if (this.#phase === "given") return this.#finish();
    if (this.#isUseless) this.#host.drop();
    else if (this.wantsInput) this.#host.resume();
  }

  /** No more is taken: the run is over, or nobody reads any of its streams. */
  fail(): void {
    if (this.#isUseless) this.#conclude({ how: "whole", keys: [], bytes: [] });
    else this.#stop();
  }

  directTarget(): undefined {
    return undefined;
  }

  noteGiven(): void {
    // Nothing goes past it.
  }

  /** True when nobody reads any of its streams any more, and there is nothing else to be done. */
  get #isUseless(): boolean {
    return this.#phase === "open" && !this.#isRead && this.outputs.length > 0 &&
      this.outputs.every((output) => output.isLost);
  }

  /** The files of all keys are whole: their members may be made. */
  #tellKeys(): void {
    const list = this.topology.keys === undefined ? undefined : this.outputs.at(-1);
    const encoder = new TextEncoder();
    for (const key of this.#splitter?.listKeys() ?? []) list?.put(encoder.encode(`${JSON.stringify(key)}\n`));
  }

  #finish(): void {
    const bytes = this.#files.map((files) => files.bytes);
    this.#conclude({ how: "whole", keys: this.#splitter?.listKeys() ?? [], bytes });
  }

  #conclude(end: SplitEnd): void {
    if (this.#phase === "ended") return;
    this.#stop({ isWhole: end.how === "whole" });
    this.#host.end(end);
  }

  #stop({ isWhole = false }: { readonly isWhole?: boolean } = {}): void {
    this.#phase = "ended";
    this.#splitter = undefined;
    for (const output of this.outputs) output.end({ isWhole });
  }

  /** What is wrong with a record, or what the system refuses, ends it. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof SplitProblem) this.#conclude({ how: "refused", problem: error.message });
      else if (isSystemError(error)) {
        const output = this.#files.findIndex((files) => files.error !== undefined);
        this.#conclude({ how: "unwritten", output, error });
      } else throw error;
      this.#host.drop();
    }
  }
}
