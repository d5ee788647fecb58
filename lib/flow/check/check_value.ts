/**
 * Part of the check of parameters: what one is, and whether it may be that.
 */
import { resolve } from "node:path";
import process from "node:process";
import { workingFolder } from "../../host/files/working_folder.ts";
import { quote } from "../schema/names.ts";
import type { ParamFile } from "../schema/param_schema.ts";
import type { CheckContext } from "./check_context.ts";
import { isUnreadable, type Shape } from "./check_shape.ts";

export interface ParamSite {
  readonly name: string;
  readonly param: Shape<ParamFile>;
  /** What it is set to. */
  readonly given: string | undefined;
  readonly check: CheckContext;
}

/** Its value as a text; undefined when there is none, or it is reported that it may not be that. */
export function checkValue(site: ParamSite): string | undefined {
  const { name, param, given, check } = site;
  const { default: fallback, secret, env } = param.keys;
  if (secret === true && fallback !== undefined) {
    const message = `Cannot keep parameter ${
      quote(name)
    } secret: its default stands in the flow (expected "env": "VARIABLE", and no default)`;
    check.report({ path: ["params", name, "default"], message, at: "key" });
    return undefined;
  }
  const own = given ?? fromEnvironment(env, check);
  const value = own ?? fallback?.toString();
  if (value === undefined) {
    if (!isUnreadable(param, "default")) reportMissing(site);
    return undefined;
  }
  const reason = wrongValue(value, param.keys);
  if (reason === undefined) {
    return param.keys.type === "path" ? toPath(value, { isGiven: own !== undefined, check }) : value;
  }
  const shown = secret === true || value.includes("\0") ? "its value" : quote(value);
  const path = own === undefined ? ["params", name, "default"] : ["params", name];
  const message = `Cannot set parameter ${quote(name)}: ${shown} ${reason}`;
  check.report({ path, message, ...own === undefined ? {} : { at: "key" as const } });
  return undefined;
}

function fromEnvironment(name: string | undefined, { outside }: CheckContext): string | undefined {
  if (name === undefined) return undefined;
  return process.env[name] ?? (Object.hasOwn(outside.variables, name) ? outside.variables[name] : undefined);
}

function reportMissing({ name, param: { keys: { env, secret } }, check }: ParamSite): void {
  const given = check.outside.isUsed
    ? `give it with "with": {"${name}": …}`
    : `set it with --set ${name}=VALUE`;
  const variable = env === undefined
    ? undefined
    : `set the environment variable ${env}, or name it in --env-file FILE`;
  // What stands on a command line is no secret.
  const remedy = variable === undefined ? given : secret === true ? variable : `${variable}, or ${given}`;
  const message = `Cannot fill parameter ${quote(name)}: it has no value (${remedy})`;
  check.report({ path: ["params", name], message, at: "key" });
}

/** What is wrong with it, for behind the value. */
function wrongValue(value: string, { type, choices }: Partial<ParamFile>): string | undefined {
  if (value.includes("\0")) return "has a NUL character (expected none)";
  if (choices !== undefined && !choices.some((choice) => String(choice) === value)) {
    return `is none of its choices (expected one of ${choices.join(", ")})`;
  }
  if (type === "boolean" && value !== "true" && value !== "false") {
    return "is no boolean (expected true or false)";
  }
  if (type === "path" && value === "") return "is empty (expected a path)";
  if (type !== "number" && type !== "integer") return undefined;
  if (!NUMBER.test(value)) return "is no number (expected such as 12 or 0.5)";
  return type === "integer" && !/^[-+]?\d+$/.test(value)
    ? "is no whole number (expected such as 12)"
    : undefined;
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** A default starts at the flow's own folder, what is given where it is given. */
function toPath(
  value: string,
  { isGiven, check: { folder, outside } }: { readonly isGiven: boolean; readonly check: CheckContext },
): string {
  return resolve(isGiven ? outside.folder ?? workingFolder() : folder, value);
}
