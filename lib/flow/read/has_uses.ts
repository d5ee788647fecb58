/**
 * Whether a flow uses others, asked of what was read before anything is checked.
 */

/** True when an actor seems to stand for another flow. */
export function hasUses(value: unknown): boolean {
  if (!isObject(value) || !isObject(value["actors"])) return false;
  return Object.values(value["actors"]).some((actor) => isObject(actor) && "use" in actor);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
