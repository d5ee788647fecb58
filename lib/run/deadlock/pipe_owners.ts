/**
 * Which stream or join a pipe belongs to, by its name in `/proc`: for each of them its newest pipe, and no other, however
 * often its process is started anew.
 */
import type { JoinState, StreamState } from "../../pipe/state/relay_states.ts";

type Owner = StreamState | JoinState;

export class PipeOwners {
  readonly #byPipe = new Map<string, Owner>();
  readonly #pipeOf = new Map<Owner, string>();

  get size(): number {
    return this.#byPipe.size;
  }

  get(pipe: string): Owner | undefined {
    return this.#byPipe.get(pipe);
  }

  /** Names of pipes that are gone are given again by the system: the last owner counts. */
  note(pipe: string, owner: Owner): void {
    const before = this.#pipeOf.get(owner);
    if (before !== undefined && this.#byPipe.get(before) === owner) this.#byPipe.delete(before);
    this.#pipeOf.set(owner, pipe);
    this.#byPipe.set(pipe, owner);
  }
}
