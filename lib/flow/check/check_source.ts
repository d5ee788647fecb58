/**
 * Part of the check of an actor: what it is, by the one of run, sh, value, file and stdin that it has.
 */
import { resolve } from "node:path";
import { placeFrom } from "../../host/files/working_folder.ts";
import type { ActorSource } from "../../core/flow.ts";
import type { JsonPath } from "../../core/issue.ts";
import type { SourceKind } from "./actor_draft.ts";
import type { ActorSite } from "./actor_site.ts";
import { fillParams } from "./check_params.ts";
import type { Rooms } from "./rooms.ts";
import { listNames, quote, variableName } from "../schema/names.ts";
import { SOURCE_KEYS } from "../schema/actor_schema.ts";

/** Names of the ports that `{in.NAME}` and `{out.NAME}` may refer to; undefined when they could not be read. */
export interface PortNames {
  readonly in: readonly string[] | undefined;
  readonly out: readonly string[] | undefined;
}

const PORT_REFERENCE = /\{(in|out)\.([^{}\s]*)\}/g;

/** Finds out what kind of actor it is, also when what the key holds is wrong. */
export function sourceKind({ name, shape, check }: ActorSite): SourceKind {
  const present = SOURCE_KEYS.filter((key) => shape.keys[key] !== undefined || shape.broken.has(key));
  // What an unknown key meant counts when nothing else is there: "rnu" is told as an unknown key, not twice.
  const [key] = present.length > 0 ? present : SOURCE_KEYS.filter((source) => shape.meant.has(source));
  if (key !== undefined && present.length <= 1) {
    return key === "run" || key === "sh" || key === "handler" ? "process" : key;
  }
  const what = present.length === 0 ? "it has none of the keys that say so" : `it has ${listNames(present)}`;
  const message = `Cannot tell what actor ${quote(name)} is: ${what} (expected exactly one of ${
    SOURCE_KEYS.join(", ")
  })`;
  check.report({ path: ["actors", name], message, at: "key" });
  return ["run", "sh", "handler"].some((process) => present.some((name) => name === process))
    ? "process"
    : "unknown";
}

/** What the actor is, with parameters filled in; undefined when that is reported to be wrong. */
export function checkSource(
  site: ActorSite,
  { ports, rooms }: { readonly ports: PortNames; readonly rooms: Rooms },
): ActorSource | undefined {
  const { run, sh, value, file, stdin, handler, use, input, split, remote } = site.shape.keys;
  if (run !== undefined) return checkRun(run, { site, ports });
  if (sh !== undefined) return checkScript(sh, site);
  if (handler !== undefined) return rooms.messages?.checkHandler(handler, site);
  if (remote !== undefined) return rooms.messages?.checkRemote(remote, site);
  if (value !== undefined) return checkValue(value, site);
  if (file !== undefined) {
    const path = checkPath(file, { site, path: ["actors", site.name, "file"] });
    return path === undefined ? undefined : { kind: "file", path };
  }
  if (split !== undefined) return rooms.splits?.checkSplit(split, site);
  if (use !== undefined) return { kind: "stdin" }; // Its actors are put in its place.
  return stdin === undefined && input === undefined ? undefined : checkInput(input, site);
}

/** Standard input, and the inputs that a flow has for those who use it; what is given as a file is that file. */
function checkInput(
  port: string | undefined,
  { name, check }: ActorSite,
): ActorSource | undefined {
  const { inputs, isUsed } = check.outside;
  const given = Object.hasOwn(inputs, port ?? "stdin") ? inputs[port ?? "stdin"] : undefined;
  if (given !== undefined && given !== "-") return { kind: "file", path: given };
  if (isUsed || port === undefined || given === "-") return { kind: "stdin" };
  const message = `Cannot fill input ${
    quote(port)
  } of the flow: nothing is connected to it (give it with --in ${port}=FILE, or - for standard input)`;
  check.report({ path: ["actors", name, "input"], message });
  return undefined;
}

/** An absolute path; undefined when it is empty or its parameters have no value. */
export function checkPath(
  text: string,
  { site, path }: { site: ActorSite; path: JsonPath },
): string | undefined {
  const filled = fillParams(text, { path, ...site });
  if (filled === undefined) return undefined;
  if (filled !== "") return resolve(site.check.folder, filled);
  site.check.report({
    path,
    message: `Cannot use ${quote(text)} as a path: it is empty (expected the name of a file or folder)`,
  });
  return undefined;
}

/** The command with all that it says filled in; undefined when that is reported to be wrong. */
export function checkRun(
  run: readonly string[],
  { site, ports }: { site: ActorSite; ports: PortNames },
): ActorSource | undefined {
  const argv: string[] = [];
  for (const [index, text] of run.entries()) {
    if (!text.includes("{")) {
      argv.push(text);
      continue;
    }
    const path = ["actors", site.name, "run", index];
    const filled = fillParams(text, { path, ...site });
    checkPortReferences(text, { filled, path, site, ports });
    if (filled !== undefined) argv.push(filled);
  }
  const [program, ...args] = argv;
  if (program === undefined || argv.length < run.length) return undefined;
  if (program === "") {
    const message = `Cannot run actor ${
      quote(site.name)
    }: its program is the empty string (expected a name or a path)`;
    site.check.report({ path: ["actors", site.name, "run", 0], message });
    return undefined;
  }
  // Without a slash it is searched in PATH, as everywhere; with one it starts where all paths of a flow do.
  const command = program.includes("/") ? placeFrom(site.check.folder, program) : program;
  return { kind: "run", argv: [command, ...args] };
}

function checkPortReferences(text: string, { filled, path, site, ports }: {
  filled: string | undefined;
  path: JsonPath;
  site: ActorSite;
  ports: PortNames;
}): void {
  const references = [...text.matchAll(PORT_REFERENCE)];
  for (const [reference, kind, port = ""] of references) {
    const names = kind === "in" ? ports.in : ports.out;
    if (names === undefined || names.includes(port)) continue;
    const noun = kind === "in" ? "input" : "output";
    const known = names.length === 0 ? `it has no named ${noun}s` : `${noun}s: ${names.join(", ")}`;
    const message = `Cannot fill ${quote(reference)}: actor ${quote(site.name)} has no ${noun} port ${
      quote(port)
    } (${known})`;
    site.check.report({ path, message });
  }
  // The engine fills in ports later and could not tell a reference of the file from one that a parameter brought in.
  if (filled === undefined || filled === text) return;
  const isSame = [...filled.matchAll(PORT_REFERENCE)].map(String).join() === references.map(String).join();
  if (isSame) return;
  const message = `Cannot fill ${
    quote(text)
  }: a parameter's value brings in {in.…} or {out.…} (expected a value without them)`;
  site.check.report({ path, message });
}

function checkScript(script: string, { name, params, check }: ActorSite): ActorSource {
  const path = ["actors", name, "sh"];
  const [reference, param] = /\{param\.([^{}]*)\}?/.exec(script) ?? [];
  if (reference !== undefined) {
    const variable = variableName("PARAM", param ?? "");
    check.report({
      path,
      message: `Cannot fill ${quote(reference)} in sh: a shell would interpret it (use "$${variable}")`,
    });
  }
  for (const [text, kind, port = ""] of script.matchAll(/\{(in|out)\.([A-Za-z_][A-Za-z0-9_-]*)\}/g)) {
    const variable = variableName(kind === "in" ? "IN" : "OUT", port);
    check.report({
      path,
      message: `Cannot fill ${quote(text)} in sh: a shell would interpret it (use "$${variable}")`,
    });
  }
  for (const { text, variable } of params.scope?.variablesIn(script) ?? []) {
    check.report({
      path,
      message: `Cannot fill ${quote(text)} in sh: a shell would interpret it (use "$${variable}")`,
    });
  }
  return { kind: "sh", script };
}

function checkValue(value: unknown, site: ActorSite): ActorSource | undefined {
  const path = ["actors", site.name, "value"];
  let isFilled = true;
  const fill = (text: string): string => {
    const filled = fillParams(text, { path, ...site });
    if (filled === undefined) isFilled = false;
    return filled ?? "";
  };
  const text = typeof value === "string" ? fill(value) : jsonText(value, fill);
  if (text === undefined) {
    const message = `Cannot write the value of actor ${
      quote(site.name)
    }: it is no JSON value (expected one without infinite numbers, functions, loops, bytes, maps and sets)`;
    site.check.report({ path, message });
  }
  return text === undefined || !isFilled
    ? undefined
    : { kind: "value", bytes: new TextEncoder().encode(text) };
}

/** JSON text and a newline; undefined for what JSON cannot hold, where it would silently write null or nothing. */
function jsonText(value: unknown, fill: (text: string) => string): string | undefined {
  let isJson = true;
  try {
    const text = JSON.stringify(
      value,
      function (this: Readonly<Record<string, unknown>>, key, part: unknown) {
        if (!isWritten(this[key])) isJson = false;
        return typeof part === "string" ? fill(part) : part;
      },
    );
    return isJson && text !== undefined ? `${text}\n` : undefined;
  } catch {
    // It holds itself, or a bigint: what is thrown says no more than that.
    return undefined;
  }
}

/** False for what JSON would write as null, as nothing, or as an object of something else. */
function isWritten(part: unknown): boolean {
  if (typeof part === "number") return Number.isFinite(part);
  if (typeof part === "function" || typeof part === "symbol") return false;
  const isOther = part instanceof Map || part instanceof Set || part instanceof ArrayBuffer;
  return !isOther && !ArrayBuffer.isView(part);
}
