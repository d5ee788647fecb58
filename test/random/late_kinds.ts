/**
 * Actors whose streams do not end as they do: who closes one early and lives on, who leaves a child behind that holds
 * pipes, who writes to a port alone. And how the lines of an input are shared out among workers.
 */
import type { PlainActor } from "./flow_case.ts";
import type { FilterKind } from "./kinds.ts";
import type { Random } from "./prng.ts";

const FD = 3;

/** Closes its standard output early and reads on. */
const closesEarly: FilterKind = (random, bytes) => {
  const taken = random.pick([0, 700, 70_000]);
  const sh = `head -c ${taken}; exec >&-; cat >/dev/null; sleep 0.${random.int(0, 2)}`;
  return { actor: { sh }, streams: { stdout: Math.min(taken, bytes) } };
};

/** A child, or a child's child, holds its pipes for a while and writes nothing. */
const leavesChild: FilterKind = (random, bytes) => {
  const child = random.pick([
    "sleep 0.2 &",
    "sh -c 'sleep 0.2 & exec true';",
    "(sleep 0.1; sleep 0.1) <&0 &",
  ]);
  return { actor: { sh: `${child} exec cat` }, streams: { stdout: bytes } };
};

const portAlone: FilterKind = (_, bytes) => ({
  actor: { sh: `cat >&${FD}`, outputs: { audit: FD } },
  streams: { audit: bytes, stdout: 0 },
});

/** Weights and kinds of such actors. */
export const lateKinds: readonly (readonly [number, FilterKind])[] = [
  [1, closesEarly],
  [1, leavesChild],
  [1, portAlone],
];

/** Workers of every kind; what they write is the same but for the order of the lines. */
export function drawWorkers(random: Random, bytes: number): PlainActor["workers"] {
  const count = random.int(1, 4);
  const order = random.chance(0.6) ? { order: "any" } as const : {};
  if (random.chance(0.5)) {
    const key = random.pick([1, 2, { column: 2, separator: " " }, { pattern: "([a-z])" }]);
    return { count, ...order, by: "key", key };
  }
  // Each block is a process.
  const sizes = bytes < 300_000 ? ["256B", "1KiB", "64KiB"] : ["64KiB", "100KiB", "1MiB"];
  return { count, ...order, ...(random.chance(0.7) ? { block: random.pick(sizes) } : {}) };
}
