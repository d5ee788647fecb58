/**
 * What a flow seems to have that most flows have not, asked of what was read before anything is checked.
 */
import { HANDLER_ENTRIES } from "../schema/handler_schema.ts";
import { MESSAGE_ENTRIES } from "../schema/message_schema.ts";
import { REMOTE_ENTRIES } from "../schema/remote_schema.ts";

export type Need = "sets" | "messages" | "uses" | "splits";

/** The keys of an actor that need more than others do. A flow that is used may have sets. */
const NEEDS: ReadonlyMap<string, readonly Need[]> = new Map<string, readonly Need[]>([
  ["each", ["sets"]],
  ["use", ["uses", "sets"]],
  ["split", ["splits"]],
  ...[MESSAGE_ENTRIES, HANDLER_ENTRIES, REMOTE_ENTRIES].flatMap((entries) => Object.keys(entries))
    .map((key) => [key, ["messages"]] as const),
]);

export function listNeeds(definition: unknown): ReadonlySet<Need> {
  const needs = new Set<Need>();
  if (!isObject(definition)) return needs;
  if (definition["sets"] !== undefined) needs.add("sets");
  if (definition["endpoint"] !== undefined) needs.add("messages");
  if (isObject(definition["out"]) && Object.keys(definition["out"]).some((name) => name.includes("{key"))) {
    needs.add("splits");
  }
  if (!isObject(definition["actors"])) return needs;
  for (const actor of Object.values(definition["actors"])) {
    if (!isObject(actor)) continue;
    for (const key in actor) NEEDS.get(key)?.forEach((need) => needs.add(need));
  }
  return needs;
}

/** True when an actor seems to stand for another flow. */
export function hasUses(definition: unknown): boolean {
  return listNeeds(definition).has("uses");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
