/**
 * Which descriptor each input of an actor has.
 */
import type { Actor } from "../../core/flow.ts";

/** Input ports other than stdin get the lowest descriptors that no output of the actor uses. */
export function numberInputs(actor: Actor): ReadonlyMap<string, number> {
  const used = new Set(actor.outputs.map((output) => output.fd));
  const numbers = new Map<string, number>();
  let next = 3;
  for (const { name, isFile } of actor.inputs) {
    if (isFile === true && name !== "stdin") continue; // It has a path of its own.
    if (name === "stdin") {
      numbers.set(name, 0);
      continue;
    }
    while (used.has(next)) next += 1;
    numbers.set(name, next);
    next += 1;
  }
  return numbers;
}
