/**
 * The names by which the actors of a flow are called on the command line, as far as they can be known of a flow that may
 * lack parameters or have mistakes.
 */
import { readFileSync } from "node:fs";
import { groupOf } from "../core/instance.ts";
import { loadFlow } from "./load_flow.ts";
import { parseFlowText } from "./read/flow_text.ts";

/** In the order of the flow; none for what is no flow. */
export async function listActorNames(path: string): Promise<readonly string[]> {
  if (path === "-") return [];
  const loaded = await loadFlow(path);
  if (loaded.ok) {
    const { actors, uses } = loaded.flow;
    return [...new Set([...[...uses.keys(), ...actors.keys()].map(groupOf)])];
  }
  try {
    const parsed = parseFlowText(readFileSync(path, "utf8"));
    const value: unknown = parsed.ok ? parsed.text.value : undefined;
    const actors: unknown = typeof value === "object" && value !== null && "actors" in value
      ? value.actors
      : {};
    return typeof actors === "object" && actors !== null ? Object.keys(actors) : [];
  } catch {
    return []; // Whoever runs it is told why it cannot be read.
  }
}
