/**
 * Where a line with a route and no receiver goes: to the actor that its route points to.
 *
 *     {actors: ["clean", "score"], current: 1} ──▶ "score"       current: 2 ──▶ past the end
 */
export type CurrentHop =
  | { readonly to: "actor"; readonly name: string }
  | { readonly to: "end" }
  /** It has no list of actors, or no place in it. */
  | { readonly to: "nowhere" };

/** Reads a route as anybody may have written it. */
export function readCurrentHop(
  { actors, current }: { readonly actors?: unknown; readonly current?: unknown },
): CurrentHop {
  const at = current ?? 0;
  if (!Array.isArray(actors) || typeof at !== "number" || !Number.isInteger(at) || at < 0) {
    return { to: "nowhere" };
  }
  const name: unknown = actors[at];
  return typeof name === "string" ? { to: "actor", name } : { to: "end" };
}
