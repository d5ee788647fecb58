/**
 * The stream of one key, as the relays around a split see it: what has come for it goes into the stream's log.
 */
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import type { PoolOutput, PoolWaiting } from "../state/pool_sides.ts";
import type { StreamState } from "../state/relay_states.ts";
import { isLost, roomOf } from "../state/relay_states.ts";
import { GatheredLog } from "../workers/gathered_log.ts";
import type { PoolHost } from "../workers/pool_host.ts";
import type { KeyStream } from "./key_streams.ts";

type OutputHost = Pick<PoolHost, "io" | "nullFd" | "noteTaken" | "endStream" | "again">;

export class SplitOutput implements PoolOutput, KeyStream {
  /** No reader takes by himself what is still to be split. */
  readonly order = "any";
  readonly stream: StreamState;
  readonly #host: OutputHost;
  readonly #log: GatheredLog;
  /** What found no room in the store. */
  #waiting: Uint8Array[] = [];

  constructor(stream: StreamState, host: OutputHost) {
    this.stream = stream;
    this.#host = host;
    this.#log = new GatheredLog(stream, { host, buffer: new Uint8Array(0) });
  }

  /** True when nobody reads it. */
  get isLost(): boolean {
    return this.stream.phase === "ended" || isLost(this.stream);
  }

  /** True when some of what has come waits for room in the store. */
  get lacksRoom(): boolean {
    return this.#waiting.length > 0;
  }

  /** True when more may come for it. */
  get isReady(): boolean {
    return this.isLost || (!this.lacksRoom && roomOf(this.stream) > 0);
  }

  put(bytes: Uint8Array): void {
    if (this.isLost) return;
    const taken = this.lacksRoom ? 0 : this.#log.append(bytes);
    if (taken < bytes.length) this.#waiting.push(bytes.slice(taken));
  }

  /** Gives what has waited, as far as there is room for it now. */
  goOn(): void {
    if (this.isLost) this.#waiting = [];
    for (let first = this.#waiting.shift(); first !== undefined; first = this.#waiting.shift()) {
      const taken = this.#log.append(first);
      if (taken === first.length) continue;
      this.#waiting.unshift(first.subarray(taken));
      return;
    }
  }

  /** No more will come. */
  end({ isWhole }: { readonly isWhole: boolean }): void {
    if (this.stream.phase === "ended") return;
    if (!isWhole) this.stream.isWhole = false;
    this.#host.endStream(this.stream);
  }

  /** Something, as long as its readers have to read on before more can come. */
  get held(): number {
    return this.isReady ? 0 : Math.max(1, this.#waiting.length * BLOCK_BYTES);
  }

  /** For more of the input. */
  waitsFor(): PoolWaiting {
    return { kind: "any", copies: [], input: true };
  }

  nextOut(): undefined {
    return undefined;
  }

  again(): void {
    this.#host.again();
  }

  close(): void {
    this.#waiting = [];
    this.#host.again();
  }
}
