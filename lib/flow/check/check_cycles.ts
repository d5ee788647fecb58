/**
 * Fifth part of a check: no actor may wait for its own output.
 */
import type { StreamRef } from "../../core/flow.ts";
import type { CheckContext } from "./check_context.ts";
import { quote } from "../schema/names.ts";
import { cycleThrough, isCyclic, strongComponents } from "./strong_components.ts";

/** A longer cycle is shown without its middle. */
const CYCLE_NAMES_MAX = 20;

/** Reports one cycle for each group of actors that reach each other. `reads` is actor to the streams it reads. */
export function checkCycles(reads: ReadonlyMap<string, readonly StreamRef[]>, check: CheckContext): void {
  const names = [...reads.keys()];
  const places = new Map(names.map((name, index) => [name, index]));
  const arrows: number[][] = names.map(() => []);
  for (const [reader, streams] of reads) {
    const place = places.get(reader);
    if (place === undefined) continue;
    for (const { actor } of streams) arrows[places.get(actor) ?? -1]?.push(place);
  }
  const cycles = strongComponents(arrows)
    .filter((component) => isCyclic(component, arrows))
    .map((component) => cycleThrough(component, arrows));
  // Tarjan's order means nothing to people: first declared, first told.
  cycles.sort(([a = 0], [b = 0]) => a - b);
  for (const cycle of cycles) {
    const loop = cycle.map((place) => names[place] ?? "");
    const [first = ""] = loop;
    const message = `Cannot order actor ${quote(first)}: it waits for its own output, ${
      cycleText(loop)
    } (expected no cycle)`;
    check.report({ path: ["actors", first, "in"], message, at: "key" });
  }
}

function cycleText(loop: readonly string[]): string {
  const [first = ""] = loop;
  if (loop.length <= CYCLE_NAMES_MAX) return [...loop, first].join(" -> ");
  const half = CYCLE_NAMES_MAX / 2;
  const left = loop.length - CYCLE_NAMES_MAX;
  return [...loop.slice(0, half), `(${left} more)`, ...loop.slice(-half), first].join(" -> ");
}
