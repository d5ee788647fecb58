/**
 * How many files are open to be read at the same time. A flow may read thousands of them, and a process may have only
 * some hundred descriptors: a file is opened when it is its turn and closed at its end. A join may always have one open,
 * so none waits for another one's reader.
 */
import { FILES_OPEN_MAX } from "../../core/limits/streams.ts";
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { JoinState } from "../state/relay_states.ts";

export class FilePlaces {
  readonly #agenda: RelayAgenda;
  readonly #taken = new Map<JoinState, number>();
  readonly #waiting = new Set<JoinState>();
  #count = 0;

  constructor(agenda: RelayAgenda) {
    this.#agenda = agenda;
  }

  /** Takes a place for a file that the join reads; false when there is none: the join has a turn when one is free. */
  take(join: JoinState): boolean {
    const own = this.#taken.get(join) ?? 0;
    if (own > 0 && this.#count >= FILES_OPEN_MAX) {
      this.#waiting.add(join);
      return false;
    }
    this.#taken.set(join, own + 1);
    this.#count += 1;
    return true;
  }

  /** Gives a place back that was of no use: the system has no descriptor now. False when nobody will free one. */
  giveUp(join: JoinState): boolean {
    this.give(join);
    if (this.#count > 0) this.#waiting.add(join);
    return this.#count > 0;
  }

  give(join: JoinState): void {
    this.#count -= 1;
    this.#taken.set(join, (this.#taken.get(join) ?? 1) - 1);
    for (const each of this.#waiting) this.#agenda.addJoin(each);
    this.#waiting.clear();
  }
}
