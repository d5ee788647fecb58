/**
 * Part of the check of an actor: a plain function, which a program of the engine calls with each message.
 */
import { resolve } from "node:path";
import type { ActorSource } from "../../core/flow.ts";
import type { Handler } from "../../core/messaging.ts";
import { pythonActor, typescriptActor } from "../../host/actor_files.ts";
import { checkDuration } from "./check_duration.ts";
import { fillParams } from "./check_params.ts";
import { type ActorSite, isHandler } from "./actor_site.ts";
import { HANDLER_ENTRIES } from "../schema/handler_schema.ts";
import { quote } from "../schema/names.ts";

const PYTHON = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;
const SCRIPT = /^([^#]+)#([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?)$/;

/** The program that calls the function; undefined when it is reported that there is none. */
export function checkHandler(handler: string, site: ActorSite): ActorSource | undefined {
  const path = ["actors", site.name, "handler"];
  const filled = fillParams(handler, { path, ...site });
  if (filled === undefined) return undefined;
  const script = SCRIPT.exec(filled);
  if (script !== null) {
    return {
      kind: "run",
      argv: [...typescriptActor("typescript/sluice_handler")],
      handler: `${resolve(site.check.folder, script[1] ?? "")}#${script[2] ?? ""}`,
    };
  }
  const program = pythonActor("asya_runtime");
  if (PYTHON.test(filled) && program !== undefined) {
    return { kind: "run", argv: ["python3", program, "--stdio"], handler: filled };
  }
  const what = program === undefined && PYTHON.test(filled)
    ? "the engine's programs in Python are not on this machine (expected an installed package)"
    : "it is no import path (expected module.function, module.Class.method, path.ts#export or path.ts#Class.method)";
  site.check.report({ path, message: `Cannot call ${quote(filled)}: ${what}` });
  return undefined;
}

/** What the program is told in its environment. */
export function handlerEnv(
  { shape: { keys } }: ActorSite,
  source: ActorSource | undefined,
): Readonly<Record<string, string>> {
  if (source?.kind !== "run" || source.handler === undefined) return {};
  return {
    SLUICE_HANDLER: source.handler,
    SLUICE_HANDLER_MODE: keys.mode ?? "payload",
    SLUICE_HANDLER_METADATA: String(keys.metadata ?? false),
    SLUICE_HANDLER_VALIDATE: String(keys.validate !== false),
  };
}

/** How the engine treats what the function returns; undefined for any other actor, where its keys are reported. */
export function handlerOf(site: ActorSite): Handler | undefined {
  const { name, shape: { keys }, check } = site;
  if (!isHandler(site)) {
    for (const key of Object.keys(HANDLER_ENTRIES)) {
      // The entries are those of an actor, so each is one of its keys.
      if (keys[key as keyof typeof HANDLER_ENTRIES] === undefined) continue;
      const message = `Cannot use ${quote(key)} on actor ${
        quote(name)
      }: it is no function (expected "handler" beside it)`;
      check.report({ path: ["actors", name, key], message, at: "key" });
    }
    return undefined;
  }
  const { validate = true } = keys;
  const timeoutMs = checkDuration(keys.timeout, { path: ["actors", name, "timeout"], check });
  return {
    checks: validate === "lenient" ? "lenient" : validate ? "strict" : "none",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
