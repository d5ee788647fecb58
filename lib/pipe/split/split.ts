/**
 * An actor that splits its input by key, among the relays: a join gives to it instead of to a pipe.
 *
 *   join ─▶ Split ─▶ Splitter ─┬─▶ KeyFiles      a file for each key, of an output of the flow
 *                              └─▶ …
 */
import type { KeyedPath } from "../../core/flow.ts";
import { isSystemError } from "../../host/errno.ts";
import type { RelayIo } from "../../host/relay_io/relay_io.ts";
import type { PoolInput, PoolWaiting } from "../state/pool_sides.ts";
import type { SplitEnd } from "../state/relay_hooks.ts";
import type { SplitTopology } from "../state/relay_topology.ts";
import { type Claims, KeyFiles } from "./key_files.ts";
import { SplitProblem } from "./record_scanner.ts";
import { Splitter } from "./splitter.ts";

/** An output of the flow that is a file for each key. */
export interface SplitFiles {
  /** Where they are written until they are put in place. */
  readonly folder: string;
  readonly path: KeyedPath;
}

export interface SplitHost {
  readonly io: Pick<RelayIo, "open" | "write" | "close">;
  /** How much may be held of its records. */
  readonly heldBytes: number;
  /** The files of all splits. */
  readonly claims: Claims;
  /** No more of the input is needed. */
  drop(): void;
  end(end: SplitEnd): void;
}

export class Split implements PoolInput {
  readonly topology: SplitTopology;
  readonly #host: SplitHost;
  #files: readonly KeyFiles[] = [];
  /** Undefined before it is opened, and when it has ended. */
  #splitter: Splitter | undefined;
  #isEnded = false;

  constructor(topology: SplitTopology, host: SplitHost) {
    this.topology = topology;
    this.#host = host;
  }

  /** It is known where its outputs go. */
  open(files: readonly SplitFiles[]): void {
    const { io, claims, heldBytes } = this.#host;
    this.#files = files.map((each) => new KeyFiles({ io, claims, ...each }));
    const sinks = this.#files;
    this.#attempt(() => this.#splitter = new Splitter(this.topology.rule, { sinks, heldBytes }));
  }

  get wantsInput(): boolean {
    return this.#splitter !== undefined;
  }

  /** Files always take what comes. */
  waitsFor(): PoolWaiting {
    return { kind: "any", copies: [] };
  }

  get isGiven(): boolean {
    return this.#isEnded;
  }

  take(bytes: Uint8Array): void {
    this.#attempt(() => this.#splitter?.take(bytes));
  }

  end(): void {
    this.#attempt(() => {
      const splitter = this.#splitter;
      if (splitter === undefined) return;
      splitter.end();
      const bytes = this.#files.map((files) => files.bytes);
      this.#finish({ how: "whole", keys: splitter.listKeys(), bytes });
    });
  }

  /** No more is taken: the run is over. */
  fail(): void {
    this.#isEnded = true;
    this.#splitter = undefined;
  }

  directTarget(): undefined {
    return undefined;
  }

  noteGiven(): void {
    // Nothing goes past it.
  }

  #finish(end: SplitEnd): void {
    if (this.#isEnded) return;
    this.fail();
    this.#host.end(end);
  }

  /** What is wrong with a record, or what the system refuses, ends it. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof SplitProblem) this.#finish({ how: "refused", problem: error.message });
      else if (isSystemError(error)) {
        const output = this.#files.findIndex((files) => files.error !== undefined);
        this.#finish({ how: "unwritten", output, error });
      } else throw error;
      this.#host.drop();
    }
  }
}
