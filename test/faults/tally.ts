/** What has become of many faults, by runtime, and at how many calls they were. */
import type { Fault, Outcome } from "./inject.ts";
import { RUNTIMES } from "./traced_engine.ts";

type Kind = Outcome["kind"];
const KINDS: readonly Kind[] = ["right", "told", "runtime", "missed", "bad"];

export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #calls = new Set<string>();
  #injected = 0;

  add({ runtime, call }: Fault, { kind, injected }: Outcome): void {
    this.#injected += injected;
    const key = `${runtime.name} ${kind}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (kind !== "missed") this.#calls.add(call);
  }

  count(kind: Kind): number {
    return RUNTIMES.reduce((sum, runtime) => sum + this.#countOf(runtime.name, kind), 0);
  }

  #countOf(runtime: string, kind: Kind): number {
    return this.#counts.get(`${runtime} ${kind}`) ?? 0;
  }

  describe(): string {
    const runs = KINDS.reduce((sum, kind) => sum + (kind === "missed" ? 0 : this.count(kind)), 0);
    const calls = [...this.#calls].sort().join(" ");
    const each = RUNTIMES.map(({ name }) =>
      `${name} ${KINDS.map((kind) => `${this.#countOf(name, kind)} ${kind}`).join(", ")}`
    );
    return `${runs} faults, ${this.#injected} times, at ${this.#calls.size} calls (${calls}): ${
      each.join("; ")
    }`;
  }
}
