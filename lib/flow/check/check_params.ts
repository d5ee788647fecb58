/**
 * Second part of a check: the values of parameters, and `{param.NAME}` replaced by them.
 */
import type { JsonPath } from "../../core/issue.ts";
import { type CheckContext, didYouMean, someNames } from "./check_context.ts";
import { type FlowShape, isUnreadable } from "./check_shape.ts";
import type { Member, MemberSet } from "../expand/member.ts";
import { checkValue } from "./check_value.ts";
import { quote, variableName } from "../schema/names.ts";

export interface Params {
  /** Undefined for a parameter whose lack of a value is reported already. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Names of those whose values nobody should see. */
  readonly secrets: ReadonlySet<string>;
  /** Where no secret may be put: what it would be a part of, and why not. */
  readonly refused?: string;
  /** Those that are other ones for each record of a stream: here they have what stands for their values. */
  readonly open?: ReadonlySet<string>;
  /** Where none of those may be put: what has to be known before. */
  readonly fixed?: string;
  /** `SLUICE_PARAM_NAME` of each. */
  readonly env: Readonly<Record<string, string>>;
  /** True when the flow's `params` could not be read, so that any name may be one of them. */
  readonly isOpen: boolean;
  /** What `{log.path}` and the like stand for, where the flow has sets. */
  readonly scope?: TextScope;
}

/** The sets of a flow, as one text sees them. */
export interface TextScope {
  readonly sets: ReadonlyMap<string, MemberSet>;
  /** By set. Without a member (the set is empty or has mistakes) the reference stays as it is. */
  readonly members: ReadonlyMap<string, Member | undefined>;
  /** What a reference stands for; the reference itself when it is none; undefined when it is reported to be wrong. */
  readonly fill: (
    reference: Reference,
    site: { readonly path: JsonPath; readonly check: CheckContext },
  ) => string | undefined;
  /** The references in a script, where each is an environment variable instead. */
  readonly variablesIn: (script: string) => readonly { readonly text: string; readonly variable: string }[];
}

/** A reference in a text: `{log}` or `{log.path}`, but not `${log}`, which is for whoever reads the text later. */
export interface Reference {
  readonly text: string;
  readonly set: string;
  readonly field: string | undefined;
}

/** The values that nobody should see. */
export function secretsOf({ values, secrets }: Params): readonly string[] {
  return [...secrets].flatMap((name) => values.get(name) || []);
}

const REFERENCE = /\{param\.([^{}]*)\}|(?<!\$)\{([A-Za-z_]\w*)(?:\.([^{}]*))?\}/g;

/** Gives each declared parameter its value: the given one, else its default. */
export function checkParams(
  shape: FlowShape,
  { given, open, check }: {
    given: Readonly<Record<string, string>>;
    open?: ReadonlySet<string> | undefined;
    check: CheckContext;
  },
): Params {
  const values = new Map<string, string | undefined>();
  const secrets = new Set<string>();
  const variables = new Map<string, string>();
  const isOpen = isUnreadable(shape.top, "params");
  for (const [name, param] of shape.params) {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = open?.has(name) === true ? own : checkValue({ name, param, given: own, check });
    values.set(name, value);
    // What is made of a secret is one.
    const isTold = value === undefined || !check.outside.secrets.some((secret) => value.includes(secret));
    if (param.keys.secret === true || !isTold) secrets.add(name);
    const variable = variableName("PARAM", name);
    const other = variables.get(variable);
    if (other !== undefined) {
      const message = `Cannot use parameter ${quote(name)}: it would be ${variable}, as ${
        quote(other)
      } is (expected another name)`;
      check.report({ path: ["params", name], message, at: "key" });
    }
    variables.set(variable, name);
  }
  if (!isOpen) reportUnknownGiven(shape, { given, check });
  const env = Object.fromEntries(
    [...variables].map(([variable, name]) => [variable, values.get(name) ?? ""]),
  );
  return { values, secrets, env, isOpen, ...(open === undefined ? {} : { open }) };
}

/**
 * Replaces each `{param.NAME}` and `{SET.FIELD}` once; what a value brings in is not replaced again. Undefined when one
 * has no value.
 */
export function fillParams(
  text: string,
  { path, params, check }: { path: JsonPath; params: Params; check: CheckContext },
): string | undefined {
  if (!text.includes("{")) return text;
  let isFilled = true;
  const filled = text.replaceAll(REFERENCE, (reference, name?: string, set = "", field?: string) => {
    if (name === undefined) {
      if (params.scope === undefined) return reference;
      const put = params.scope.fill({ text: reference, set, field }, { path, check });
      isFilled &&= put !== undefined;
      return put ?? reference;
    }
    const value = params.values.get(name);
    if (params.refused !== undefined && params.secrets.has(name)) {
      const message = `Cannot fill ${
        quote(reference)
      }: the parameter is secret, and ${params.refused} (expected another one)`;
      check.report({ path, message, at: "key" });
      isFilled = false;
      return reference;
    }
    if (params.fixed !== undefined && params.open?.has(name) === true) {
      const message = `Cannot fill ${
        quote(reference)
      }: the parameter is another one for each record of a stream, and ${params.fixed} (expected another one)`;
      check.report({ path, message, at: "key" });
      isFilled = false;
      return reference;
    }
    if (value !== undefined) return value;
    isFilled = false;
    if (params.isOpen || params.values.has(name)) return reference;
    const names = [...params.values.keys()];
    const known = names.length === 0 ? 'declare it under "params"' : `expected one of ${someNames(names)}`;
    const remedy = didYouMean(check.closest(name, names), known);
    check.report({
      path,
      message: `Cannot fill ${quote(reference)}: the flow has no parameter ${quote(name)} (${remedy})`,
    });
    return reference;
  });
  return isFilled ? filled : undefined;
}

function reportUnknownGiven(
  shape: FlowShape,
  { given, check }: { given: Readonly<Record<string, string>>; check: CheckContext },
): void {
  const names = [...shape.params.keys()];
  for (const name of Object.keys(given)) {
    if (shape.params.has(name)) continue;
    const known = names.length === 0 ? "it has none" : `expected one of ${someNames(names)}`;
    const remedy = didYouMean(check.closest(name, names), known);
    const message = `Cannot set parameter ${quote(name)}: the flow has no such parameter (${remedy})`;
    check.report({ path: names.length === 0 ? [] : ["params"], message, at: "key" });
  }
}
