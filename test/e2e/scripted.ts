/** Message actors that do what a test says: see `fixtures/messages/scripted.py`. */
import { join } from "node:path";
import type { Ended, Runtime } from "./rig.ts";
import { makeFolder, root, start } from "./rig.ts";

export const SCRIPTED = join(root, "test/fixtures/messages/scripted.py");

export type Step = readonly [string, ...unknown[]];

/** A message actor that does these steps at its start, and then what it is told. */
export function actor(steps: readonly Step[] = [], more: object = {}): object {
  return { run: ["python3", SCRIPTED], protocol: "messages", args: { do: steps }, ...more };
}

/** The same, but it acknowledges nothing. */
export function silent(steps: readonly Step[] = [], more: object = {}): object {
  return { ...actor(steps, more), run: ["python3", SCRIPTED, "noack"] };
}

/** Runs a flow of these actors to its end. */
export async function play(
  runtime: Runtime,
  actors: Readonly<Record<string, object>>,
  top: object = {},
): Promise<Ended> {
  const folder = makeFolder({ "flow.json": { actors, ...top } });
  return await start(runtime, ["flow.json"], { cwd: folder }).ended;
}

/** The records that were written, of JSON each. */
export function lines(text: string): readonly unknown[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
}
