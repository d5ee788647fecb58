/** The keys of an object; anything else has none, so nothing is found in it. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  // Just looked at: it is an object, whose values may be anything.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};
}
