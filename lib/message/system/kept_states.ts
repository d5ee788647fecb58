/**
 * The states that actors have saved. The newest are in memory, up to a limit; older ones are written to disk, many at
 * once, where the newest of each address replaces the one before.
 *
 *   save ──▶ recent ──too many bytes: the oldest──▶ spill
 *   get  ◀── recent, else spill, else what an engine before this one has left
 */
import type { NoRoom } from "../../data/block_store.ts";

/** States outside of memory. */
export interface StateSpill {
  /** Keeps all of them or, when there is no room, none: then it says why. */
  put(states: readonly (readonly [address: string, json: string])[]): NoRoom | undefined;
  get(address: string): string | undefined;
}

export interface KeptStatesOptions {
  readonly memoryBytes: number;
  readonly spill: StateSpill;
  /** What an engine before this one has left of an address. */
  readonly leftOf: (address: string) => string | undefined;
  /** There is no room for the states of so many actors as there are; the last was saved by this one. */
  readonly onNoRoom: (address: string, cause: NoRoom) => void;
}

/** Down to this part of the limit states are written to disk: not one by one. */
const LEFT_SHARE = 0.75;
/** What one costs beside its characters, of which each may take two bytes. */
const STATE_BYTES = 128;

export class KeptStates {
  readonly #options: KeptStatesOptions;
  /** The oldest first. */
  readonly #recent = new Map<string, string>();
  #bytes = 0;
  #hasSpilled = false;
  #hasNoRoom = false;

  constructor(options: KeptStatesOptions) {
    this.#options = options;
  }

  /** Bytes of those in memory, at most. */
  get heldBytes(): number {
    return this.#bytes;
  }

  get(address: string): string | undefined {
    const recent = this.#recent.get(address);
    if (recent !== undefined) return recent;
    const { spill, leftOf } = this.#options;
    return (this.#hasSpilled ? spill.get(address) : undefined) ?? leftOf(address);
  }

  save(address: string, json: string): void {
    const before = this.#recent.get(address);
    if (before !== undefined) this.#forget(address, before);
    this.#recent.set(address, json);
    this.#bytes += costOf(address, json);
    if (this.#bytes > this.#options.memoryBytes && !this.#hasNoRoom) this.#spill(address);
  }

  #spill(newest: string): void {
    const { memoryBytes, spill, onNoRoom } = this.#options;
    const oldest: [string, string][] = [];
    let left = this.#bytes;
    for (const [address, json] of this.#recent) {
      if (left <= memoryBytes * LEFT_SHARE) break;
      left -= costOf(address, json);
      oldest.push([address, json]);
    }
    const noRoom = spill.put(oldest);
    if (noRoom !== undefined) {
      this.#hasNoRoom = true; // The run ends; until then nothing is lost.
      return onNoRoom(newest, noRoom);
    }
    this.#hasSpilled = true;
    for (const [address, json] of oldest) this.#forget(address, json);
  }

  #forget(address: string, json: string): void {
    this.#recent.delete(address);
    this.#bytes -= costOf(address, json);
  }
}

function costOf(address: string, json: string): number {
  return (address.length + json.length) * 2 + STATE_BYTES;
}
