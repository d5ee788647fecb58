/** Flows over the records of a stream, for tests. */
import { join } from "node:path";
import { makeFolder } from "./rig.ts";

/** `sh -c` with the record as `$1`. */
export function shell(script: string, ...more: readonly string[]): readonly string[] {
  return ["sh", "-c", script, "sh", "{n}", ...more];
}

/** A flow over the numbers up to `count`. */
export function over(
  { count = 5, sets = {}, more = {}, actors, ...flow }: {
    readonly count?: number;
    readonly sets?: object;
    /** Other sets. */
    readonly more?: object;
    readonly actors: object;
    readonly [key: string]: unknown;
  },
): string {
  const all = { seq: { run: ["seq", String(count)] }, ...actors };
  return join(
    makeFolder({ "flow.json": { ...flow, sets: { n: { stream: "seq", ...sets }, ...more }, actors: all } }),
    "flow.json",
  );
}
