/**
 * `{log.path}`: which member of which set is meant where a text stands, and what is put there.
 */
import type { JsonPath } from "../../core/issue.ts";
import { type CheckContext, didYouMean, someNames } from "../check/check_context.ts";
import type { Reference, TextScope } from "../check/check_params.ts";
import { quote, variableName } from "../schema/names.ts";
import { fieldOf, INDEX, type Member, type MemberSet, valueOf } from "./member.ts";

type SetScope = Pick<TextScope, "sets" | "members">;

/** The sets, as a text sees them that has these members. */
export function makeScope(sets: TextScope["sets"], members: TextScope["members"]): TextScope {
  const scope = { sets, members };
  return {
    ...scope,
    fill: (reference, site) => fillReference(reference, { scope, ...site }),
    variablesIn: (script) => listVariables(script, scope),
  };
}

/** `{log}` alone may be the script's own; where the actor is over `log` it is hardly that. */
function listVariables(script: string, { sets, members }: SetScope): ReturnType<TextScope["variablesIn"]> {
  return findReferences(script, sets)
    .filter(({ set, field }) => field !== undefined || members.has(set))
    .map(({ text, set, field }) => ({ text, variable: eachVariable(set, field) }));
}

const REFERENCE = /(?<!\$)\{([A-Za-z_]\w*)(?:\.([^{}]*))?\}/g;

/** References to sets that the flow has. */
export function findReferences(text: string, sets: ReadonlyMap<string, MemberSet>): readonly Reference[] {
  if (sets.size === 0 || !text.includes("{")) return [];
  return [...text.matchAll(REFERENCE)].flatMap(([text, set = "", field]) =>
    sets.has(set) ? [{ text, set, field }] : []
  );
}

function fillReference(
  { text, set, field }: Reference,
  { scope, path, check }: { readonly scope: SetScope; readonly path: JsonPath; readonly check: CheckContext },
): string | undefined {
  const fail = (reason: string): undefined =>
    check.report({ path, message: `Cannot fill ${quote(text)}: ${reason}` }) as undefined;
  const known = scope.sets.get(set);
  if (known === undefined) {
    const meant = field === undefined ? undefined : meantSet({ set, field }, { scope, check });
    return meant === undefined ? text : fail(`the flow has no set ${quote(set)} (${didYouMean(meant, "")})`);
  }
  if (!scope.members.has(set)) {
    return fail(
      `there is no "each" over set ${quote(set)} here (expected "each": ${
        quote(set)
      }, or another name of the set)`,
    );
  }
  if (field !== undefined && known.fields?.has(field) === false) {
    const remedy = didYouMean(
      check.closest(field, known.fields),
      `expected one of ${someNames([...known.fields])}`,
    );
    return fail(`set ${quote(set)} has no field ${quote(field)} (${remedy})`);
  }
  const member = scope.members.get(set);
  if (member === undefined) return text;
  const value = field === undefined ? valueOf(member) : fieldOf(member, field);
  return value ??
    fail(`${member.where} has no ${quote(field ?? "")} (expected it in each member of set ${quote(set)})`);
}

/** `{lgo.path}` is told where the field is one of the set's; other texts in braces are none of ours. */
function meantSet(
  { set, field }: { readonly set: string; readonly field: string },
  { scope, check }: { readonly scope: SetScope; readonly check: CheckContext },
): string | undefined {
  if (scope.members.size === 0) return undefined;
  const meant = check.closest(set, scope.members.keys());
  return meant !== undefined && scope.sets.get(meant)?.fields?.has(field) === true ? meant : undefined;
}

/** `SLUICE_EACH_LOG_PATH`; of a plain value, and of the key, `SLUICE_EACH_LOG`. */
export function eachVariable(set: string, field?: string): string {
  const name = field === undefined ? set : `${set}_${field}`;
  const known = variables.get(name);
  if (known !== undefined) return known;
  const made = variableName("EACH", name).replaceAll(/[^A-Z0-9_]/gi, "_");
  if (variables.size >= VARIABLES_MAX) variables.clear(); // Fields may be others in each record.
  variables.set(name, made);
  return made;
}

/** Names that were made before: most are asked for once a member. */
const variables = new Map<string, string>();
const VARIABLES_MAX = 1000;

/** What a process is told of its members. */
export function eachEnv(members: ReadonlyMap<string, Member | undefined>): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [set, member] of members) {
    if (member === undefined) continue;
    env[eachVariable(set, INDEX)] = String(member.index);
    for (const [field, text] of member.fields) env[eachVariable(set, field)] = text;
    env[eachVariable(set)] = valueOf(member);
  }
  return env;
}
