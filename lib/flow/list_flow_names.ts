/**
 * What may be named of a flow on the command line, as far as it can be known of one that may lack parameters or have
 * mistakes.
 */
import { groupOf } from "../core/instance.ts";
import { FLOW_FILE_BYTES_MAX } from "../core/limits/flow.ts";
import { readWhole } from "../host/files/read_whole.ts";
import { loadFlow } from "./load_flow.ts";
import { parseFlowText } from "./read/flow_text.ts";

export interface ListedNames {
  readonly actors: readonly string[];
  readonly instances: readonly string[];
  /** With their values, where only some are possible. */
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly inputs: readonly string[];
}

/** In the order of the flow; none for what is no flow. */
export async function listFlowNames(path: string): Promise<ListedNames> {
  const written = path === "-" ? {} : readWritten(path);
  const actors = entriesOf(written, "actors");
  const names = {
    actors: actors.map(([name]) => name),
    instances: [],
    params: new Map(entriesOf(written, "params").map(([name, param]) => [name, choicesOf(param)])),
    inputs: actors.flatMap(([, actor]) => inputOf(actor)),
  };
  if (path === "-") return names;
  const loaded = await loadFlow(path);
  if (!loaded.ok) return names;
  const all = [...loaded.flow.uses.keys(), ...loaded.flow.actors.keys()];
  return {
    ...names,
    actors: [...new Set(all.map(groupOf))],
    instances: all.filter((name) => name !== groupOf(name)),
  };
}

function readWritten(path: string): unknown {
  try {
    const parsed = parseFlowText(new TextDecoder().decode(readWhole(path, FLOW_FILE_BYTES_MAX)));
    return parsed.ok ? parsed.text.value : {};
  } catch {
    return {}; // Whoever runs it is told why it cannot be read.
  }
}

function entriesOf(value: unknown, key: string): readonly (readonly [string, unknown])[] {
  const found = keyOf(value, key);
  return typeof found === "object" && found !== null ? Object.entries(found) : [];
}

function keyOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function choicesOf(param: unknown): readonly string[] {
  const choices = keyOf(param, "choices");
  if (Array.isArray(choices)) return choices.map(String);
  return keyOf(param, "type") === "boolean" ? ["true", "false"] : [];
}

function inputOf(actor: unknown): readonly string[] {
  const input = keyOf(actor, "input");
  if (typeof input === "string") return [input];
  return keyOf(actor, "stdin") === true ? ["stdin"] : [];
}
