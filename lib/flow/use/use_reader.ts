/**
 * Flows in flows: reads and checks the flow of an actor that stands for one. Loaded only where a flow uses another one.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, extname, relative } from "node:path";
import type { Flow } from "../../core/flow.ts";
import type { FlowIssue, UsedText } from "../../core/issue.ts";
import { workingFolder } from "../../host/files/working_folder.ts";
import { USES_MAX } from "../../core/limits/flow.ts";
import type { ActorSite } from "../check/actor_site.ts";
import { ALL_ROOMS } from "../check/all_rooms.ts";
import { didYouMean, someNames } from "../check/check_context.ts";
import { checkFlow, type CheckOptions } from "../check/check_flow.ts";
import { fillParams, secretsOf } from "../check/check_params.ts";
import { isUnreadable } from "../check/check_shape.ts";
import type { InputDraft } from "../check/actor_draft.ts";
import type { UsedDraft } from "../check/used_draft.ts";
import type { UseReader } from "../check/uses.ts";
import { quote } from "../schema/names.ts";
import { findReferences } from "../expand/set_scope.ts";
import { hasUses } from "../read/list_needs.ts";
import { findUsed, readUsed, type UsedFile } from "./read_used.ts";
import { spliceUses } from "./splice_uses.ts";

/** What all flows of one check share. */
interface Library {
  /** By path. */
  readonly files: Map<string, UsedFile>;
  opened: number;
}

/** A flow on the way from the first one to that which is checked. */
interface Link {
  readonly file: string | undefined;
  readonly used: UsedText | undefined;
}

type Given = Parameters<UseReader["open"]>[1];

/** The reader for a flow that was read from a file, or built. */
export function makeUseReader(file: string | undefined): UseReader {
  return readerFor([{ file: file === undefined ? undefined : realPath(file), used: undefined }], {
    files: new Map(),
    opened: 0,
  });
}

function readerFor(chain: readonly Link[], library: Library): UseReader {
  return {
    open: (site, given) => open(site, { given, chain, library }),
    splice: spliceUses,
  };
}

function open(
  site: ActorSite,
  { given, chain, library }: {
    readonly given: Given;
    readonly chain: readonly Link[];
    readonly library: Library;
  },
): UsedDraft | undefined {
  const { name, shape: { keys: { use } }, check } = site;
  if (use === undefined) return undefined;
  const fail = (reason: string): undefined =>
    check.report({
      path: ["actors", name, "use"],
      message: `Cannot use ${quote(use)}: ${reason}`,
    }) as undefined;
  const found = findUsed(use, check.folder);
  if (typeof found !== "string") {
    const known = found.names.length === 0
      ? "expected the path of a file"
      : `expected one of ${someNames(found.names)}`;
    return fail(`no such flow comes with sluice (${didYouMean(check.closest(use, found.names), known)})`);
  }
  const file = realPath(found);
  const at = chain.findIndex((link) => link.file === file);
  if (at !== -1) return fail(`it uses itself, ${ringText(chain, at)} (expected no ring)`);
  const shown = use.startsWith("sluice:") ? use : relative(workingFolder(), found);
  const read = library.files.get(file) ?? readUsed(file, shown);
  library.files.set(file, read);
  check.files.add(file);
  if (!read.ok && "reason" in read) return fail(read.reason);
  if (check.isOfRecord !== true) library.opened += 1;
  const { opened } = library;
  if (opened > USES_MAX) {
    if (opened > USES_MAX + 1) return undefined;
    return fail(
      `flows would be used more than ${USES_MAX} times (expected fewer, or one with sets of its own)`,
    );
  }
  const by = chain.at(-1)?.used;
  const used: UsedText = {
    file: shown,
    text: read.ok ? read.text : "",
    value: read.ok ? read.value : undefined,
    by: { path: ["actors", name], ...(by === undefined ? {} : { used: by }) },
  };
  if (!read.ok) return tell(read.issues, { used, check });
  const draft = checkUsed(read.value, { site, given, used, file, chain, library });
  library.opened = check.isOfRecord === true ? opened : library.opened;
  return draft;
}

/** What is wrong in a flow that is used is told there. */
function tell(
  issues: readonly FlowIssue[],
  { used, check }: { readonly used: UsedText; readonly check: ActorSite["check"] },
): undefined {
  for (const issue of issues) check.report({ ...issue, used: issue.used ?? used });
}

/** Checks what was read, with the parameters and the inputs that it is given. */
function checkUsed(
  value: unknown,
  { site, given, used, file, chain, library }: {
    readonly site: ActorSite;
    readonly given: Given;
    readonly used: UsedText;
    readonly file: string;
    readonly chain: readonly Link[];
    readonly library: Library;
  },
): UsedDraft | undefined {
  const { check } = site;
  const params = paramsOf(site, value);
  if (params === undefined) return undefined;
  const open = openOf(site);
  const options: CheckOptions = {
    folder: dirname(file),
    rooms: ALL_ROOMS,
    file,
    name: basename(file, extname(file)),
    params,
    open,
    outside: {
      ...check.outside,
      inputs: {},
      folder: check.folder,
      secrets: [...check.outside.secrets, ...secretsOf(site.params)],
      env: withoutOwn(given.env),
      isUsed: true,
    },
    ...(hasUses(value) ? { uses: readerFor([...chain, { file, used }], library) } : {}),
  };
  const checked = checkFlow(value, options);
  if (!checked.ok) return tell(checked.issues, { used, check });
  const { flow, ports, inputs } = checked;
  for (const path of flow.origins.files) check.files.add(path);
  for (const path of flow.origins.folders) check.folders.add(path);
  const isGood = isSilent(flow, site) && areConnected(inputs, { site, given: given.inputs });
  return isGood ? { text: used, flow, ports, inputs, open } : undefined;
}

/** Those of its parameters that are made of a record that has not come, or of such a parameter. */
function openOf({ shape: { keys }, params: { scope, open } }: ActorSite): ReadonlySet<string> {
  const isOpen = (text: unknown): boolean =>
    typeof text === "string" &&
    (findReferences(text, scope?.sets ?? new Map()).some(({ set }) =>
      scope?.members.get(set) === undefined
    ) ||
      [...open ?? []].some((name) => text.includes(`{param.${name}}`)));
  return new Set(Object.entries(keys.with ?? {}).flatMap(([name, text]) => isOpen(text) ? [name] : []));
}

/** The values of its parameters, as texts; undefined when one of them is reported to be wrong. */
function paramsOf(
  { name, shape: { keys, broken }, params, check }: ActorSite,
  value: unknown,
): Record<string, string> | undefined {
  const known = Object.keys(objectAt(value, "params"));
  const filled: Record<string, string> = {};
  let isGood = !broken.has("with");
  for (const [param, given] of Object.entries(keys.with ?? {})) {
    const path = ["actors", name, "with", param];
    if (!known.includes(param)) {
      const otherwise = known.length === 0 ? "it has none" : `expected one of ${someNames(known)}`;
      const remedy = didYouMean(check.closest(param, known), otherwise);
      const message = `Cannot give parameter ${quote(param)}: the flow ${
        quote(keys.use ?? "")
      } has no such parameter (${remedy})`;
      check.report({ path, message, at: "key" });
      continue;
    }
    const text = typeof given === "string" ? fillParams(given, { path, params, check }) : String(given);
    if (text === undefined) isGood = false;
    else filled[param] = text;
  }
  return isGood ? filled : undefined;
}

/** Messages find an actor by its name, which would be another one here. */
function isSilent({ actors }: Flow, { name, shape: { keys }, check }: ActorSite): boolean {
  const talking = [...actors.values()].find(({ messaging }) => messaging !== undefined);
  if (talking === undefined) return true;
  const message = `Cannot use ${quote(keys.use ?? "")}: its actor ${
    quote(talking.name)
  } talks in messages, which would not find the actors that they name (expected actors that read and write bytes)`;
  check.report({ path: ["actors", name, "use"], message });
  return false;
}

/** Every input has to be connected, and nothing else. */
function areConnected(
  inputs: ReadonlyMap<string, string>,
  { site: { name, shape, check }, given }: {
    readonly site: ActorSite;
    readonly given: ReadonlyMap<string, InputDraft>;
  },
): boolean {
  if (isUnreadable(shape, "in")) return true;
  const { use = "", in: written } = shape.keys;
  const isNamed = typeof written === "object" && !Array.isArray(written);
  const before = check.issues.length;
  const names = [...inputs.keys()];
  for (const [port, { isFile }] of given) {
    const path = ["actors", name, "in", ...(isNamed ? [port] : [])];
    if (isFile) {
      const message = `Cannot give input ${quote(port)} of actor ${
        quote(name)
      } as a file: it is a flow (expected "as": "file" at the actor inside that reads it)`;
      check.report({ path, message });
    }
    if (inputs.has(port)) continue;
    const known = names.length === 0 ? "it has no inputs" : `inputs: ${someNames(names)}`;
    const remedy = didYouMean(check.closest(port, names), known);
    const what = isNamed ? `input ${quote(port)}` : "standard input";
    const message = `Cannot connect ${what} of actor ${quote(name)}: the flow ${
      quote(use)
    } has no such input (${remedy})`;
    check.report({ path, message, at: "key" });
  }
  for (const port of names) {
    if (given.has(port)) continue;
    const remedy = port === "stdin" ? '"in": STREAM' : `"in": {"${port}": STREAM}`;
    const what = port === "stdin" ? "standard input" : `input ${quote(port)}`;
    const message = `Cannot use ${quote(use)} as actor ${
      quote(name)
    }: its ${what} is not connected (expected ${remedy})`;
    check.report({ path: ["actors", name], message, at: "key" });
  }
  return check.issues.length === before;
}

/** What a process of the flow is told of its parameters and members is no business of one that is used. */
function withoutOwn(env: Given["env"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^SLUICE_(PARAM|EACH)_/.test(name)));
}

function ringText(chain: readonly Link[], at: number): string {
  const files = chain.slice(at).map(({ file }) => file ?? "");
  const folder = dirname(files[0] ?? "");
  return [...files, files[0] ?? ""].map((file) => relative(folder, file)).join(" -> ");
}

function objectAt(value: unknown, key: string): object {
  if (typeof value !== "object" || value === null) return {};
  const held: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof held === "object" && held !== null && !Array.isArray(held) ? held : {};
}

/** By whatever name a flow is used, it is one file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Who reads it tells why it cannot be found.
  }
}
