/**
 * From what an actor gives to `$spawn` to an actor that can be run: checked as those of a flow file are.
 */
import type { Actor } from "../../core/flow.ts";
import { isMessageActor } from "../../core/flow.ts";
import { ALL_ROOMS } from "../../flow/check/all_rooms.ts";
import type { CheckSchemas } from "../state/run_options.ts";
import { checkFlow } from "../../flow/check/check_flow.ts";

export interface SpawnRequest {
  readonly name: string;
  /** As in a flow file. */
  readonly definition: unknown;
  /** Whose folder and environment it has, unless it says otherwise. */
  readonly by: Actor;
  /** Finds what is wrong with what it accepts and emits; undefined when messages are not held against it. */
  readonly checkSchemas: CheckSchemas | undefined;
}

export type CheckedSpawn =
  /** `inputs`: the names of those that it depends on. */
  | { readonly ok: true; readonly actor: Actor; readonly inputs: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Keys whose work needs the whole graph from its beginning. */
const NOT_SPAWNED = [
  "merge",
  "outputs",
  "workers",
  "retry",
  "cache",
  "timeout",
  "stall",
  "stdin",
  "file",
  "each",
];

/** Checks a definition. Its `in` is a name or a list of names. */
export function checkSpawned({ name, definition, by, checkSchemas }: SpawnRequest): CheckedSpawn {
  const refuse = (message: string): CheckedSpawn => ({
    ok: false,
    message: `Cannot spawn "${name}": ${message}`,
  });
  if (name === "") {
    return {
      ok: false,
      message: 'Cannot spawn an actor: it has no name (expected "name": "…" beside "actor")',
    };
  }
  if (typeof definition !== "object" || definition === null || Array.isArray(definition)) {
    return refuse('there is no definition (expected "actor": {"run": […], …})');
  }
  const { in: input = [], ...rest } = definition as { readonly in?: unknown };
  const wrong = NOT_SPAWNED.find((key) => key in rest && !(key === "retry" && "protocol" in rest));
  if (wrong === "timeout" || wrong === "stall") {
    const remedy = `set a timer (Once to $timer) and send Stop {"name": ${JSON.stringify(name)}} to $spawn`;
    return refuse(`"${wrong}" cannot be used for an actor that is spawned (${remedy})`);
  }
  if (wrong !== undefined) return refuse(`"${wrong}" cannot be used for an actor that is spawned`);
  const inputs: readonly unknown[] = Array.isArray(input) ? input : [input];
  const names = inputs.filter((each) => typeof each === "string");
  if (names.length < inputs.length) return refuse('"in" is no name and no list of names');
  const checked = checkFlow({ actors: { [name]: rest } }, { folder: by.cwd, rooms: ALL_ROOMS });
  if (!checked.ok) return refuse(checked.issues.map(({ message }) => message).join("; "));
  const actor = checked.flow.actors.get(name);
  if (actor === undefined) throw new Error(`A checked flow has lost "${name}"`);
  const [issue] = checkSchemas?.([actor]) ?? [];
  if (issue !== undefined) return refuse(issue.message);
  return { ok: true, actor: { ...actor, env: { ...by.env, ...actor.env } }, inputs: names };
}

/** The records of bytes: JSON as it is, any other line as a string. */
export function toRecords(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => {
    try {
      return JSON.stringify(JSON.parse(line));
    } catch {
      return JSON.stringify(line); // No JSON.
    }
  });
}

/** What kind of actor it is for those who depend on it. */
export function kindOfSpawned(actor: Actor): "messages" | "bytes" | "value" {
  if (isMessageActor(actor)) return "messages";
  return actor.source.kind === "value" ? "value" : "bytes";
}
