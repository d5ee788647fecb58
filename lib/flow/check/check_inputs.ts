/**
 * Part of the check of all actors: standard input is there once, and so is each input that a flow has for others.
 */
import type { ActorDraft } from "./actor_draft.ts";
import { type CheckContext, didYouMean, someNames } from "./check_context.ts";
import { quote } from "../schema/names.ts";

/** The port by which an actor stands for an input of the flow; undefined for any other actor. */
export function portOf({ kind, port }: ActorDraft): string | undefined {
  return kind === "stdin" ? "stdin" : port;
}

/** Reports what stands for the same input as another actor, and what is given to an input that is not there. */
export function checkInputs(drafts: ReadonlyMap<string, ActorDraft>, check: CheckContext): void {
  const ports = new Map<string, string>();
  let fromStdin: string | undefined;
  for (const draft of drafts.values()) {
    const port = portOf(draft);
    if (port === undefined) continue;
    const isStdin = port === "stdin" || (!check.outside.isUsed && draft.source?.kind === "stdin");
    const other = isStdin ? fromStdin : ports.get(port);
    if (other !== undefined) reportSecond(draft, { other, isStdin, check });
    ports.set(port, draft.name);
    if (isStdin) fromStdin ??= draft.name;
  }
  for (const name of Object.keys(check.outside.inputs)) {
    if (ports.has(name)) continue;
    const names = [...ports.keys()];
    const known = names.length === 0 ? "it has none" : `expected one of ${someNames(names)}`;
    const remedy = didYouMean(check.closest(name, names), known);
    const message = `Cannot give input ${quote(name)}: the flow has no such input (${remedy})`;
    check.report({ path: [], message, at: "key" });
  }
}

function reportSecond(
  { name, port }: ActorDraft,
  { other, isStdin, check }: {
    readonly other: string;
    readonly isStdin: boolean;
    readonly check: CheckContext;
  },
): void {
  const key = port === undefined ? "stdin" : "input";
  const what = isStdin ? "standard input" : `input ${quote(port ?? "")}`;
  const message = `Cannot read ${what} in actor ${quote(name)}: actor ${
    quote(other)
  } reads it (expected at most one in a flow)`;
  check.report({ path: ["actors", name, key], message, at: "key" });
}
