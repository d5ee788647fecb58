/**
 * Part of a check: the sets of a flow, and their members. Here files and tables are read.
 */
import { resolve } from "node:path";
import { SET_MEMBERS_MAX } from "../../core/limits/sets.ts";
import type { CheckContext } from "../check/check_context.ts";
import { fillParams, type Params } from "../check/check_params.ts";
import type { FlowShape } from "../check/check_shape.ts";
import { listNames, quote } from "../schema/names.ts";
import { SET_KINDS, type SetFile } from "../schema/set_schema.ts";
import { findUnreadable, listFiles } from "./list_files.ts";
import { listRange } from "./list_range.ts";
import { INDEX, listFields, type MemberSet, type RawSet, toRawMember } from "./member.ts";
import { nameMembers } from "./name_members.ts";
import type { SetSite } from "./set_site.ts";
import { formatOf, readTable } from "./read_table.ts";

/** `{NAME.x}` has a meaning of its own. */
const TAKEN = ["param", "in", "out", "key"];

/** The sets with their members; one with mistakes has none, and any field. */
export function checkSets(
  shape: FlowShape,
  { params, check }: { readonly params: Params; readonly check: CheckContext },
): ReadonlyMap<string, MemberSet> {
  const sets = new Map<string, MemberSet>();
  for (const [name, set] of shape.sets) {
    if (TAKEN.includes(name)) {
      const message = `Cannot name a set ${
        quote(name)
      }: {${name}} means something else (expected another name)`;
      check.report({ path: ["sets", name], message, at: "key" });
    }
    sets.set(name, checkSet({ name, shape: set, params, check }));
  }
  return sets;
}

function checkSet(site: SetSite): MemberSet {
  const { name, shape: { keys } } = site;
  if (keys.stream !== undefined && isOneKind(site)) {
    reportUseless(site);
    const stream = { names: keys.stream, order: keys.order ?? "input", key: keys.key };
    return { name, members: [], fields: undefined, stream };
  }
  if (keys.keys !== undefined && isOneKind(site)) {
    reportUseless(site);
    const { order = "input", key } = keys;
    if (key !== undefined && key !== INDEX) {
      const message = `Cannot name the members of set ${quote(name)} by ${
        quote(key)
      }: they are keys (expected ${quote(INDEX)}, or none)`;
      site.check.report({ path: ["sets", name, "key"], message });
    }
    const stream = { names: keys.keys, keysOf: keys.keys, order, key };
    return { name, members: [], fields: undefined, stream };
  }
  const raw = readSet(site);
  const members = raw === undefined || !isSizeGood(raw, site) ? undefined : nameMembers(raw, site);
  if (raw === undefined || members === undefined) return { name: site.name, members: [], fields: undefined };
  return { name: site.name, members, fields: new Set([...raw.fields, INDEX]) };
}

/** True when it says exactly once what it is; otherwise that is reported. */
function isOneKind({ name, shape: { keys, broken, meant }, check }: SetSite): boolean {
  const present = SET_KINDS.filter((kind) => keys[kind] !== undefined || broken.has(kind));
  if (present.length === 1) return true;
  if (present.length === 0 && SET_KINDS.some((kind) => meant.has(kind))) return false;
  const what = present.length === 0 ? "it has none of the keys that say so" : `it has ${listNames(present)}`;
  const message = `Cannot tell what set ${quote(name)} is: ${what} (expected exactly one of ${
    SET_KINDS.join(", ")
  })`;
  check.report({ path: ["sets", name], message, at: "key" });
  return false;
}

/** Undefined when it is reported what is wrong. */
function readSet(site: SetSite): RawSet | undefined {
  const { name, shape: { keys }, check } = site;
  if (keys.stream !== undefined || keys.keys !== undefined || !isOneKind(site)) return undefined;
  reportUseless(site);
  if (keys.files !== undefined) return readFiles(keys.files, site);
  if (keys.values !== undefined) return readValues(keys.values, site);
  if (keys.table !== undefined) return readRows(keys.table, site);
  if (keys.range === undefined) return undefined;
  const listed = listRange(keys.range);
  if (typeof listed !== "string") return listed;
  check.report({ path: ["sets", name, "range"], message: `Cannot count set ${quote(name)}: ${listed}` });
  return undefined;
}

/** Keys that only other kinds of sets have. */
function reportUseless({ name, shape: { keys }, check }: SetSite): void {
  if (keys.format !== undefined && keys.table === undefined) {
    const message = `Cannot use "format" on set ${quote(name)}: it is no table`;
    check.report({ path: ["sets", name, "format"], message, at: "key" });
  }
  const isOfStream = keys.stream !== undefined || keys.keys !== undefined;
  if (keys.order !== undefined && !isOfStream) {
    const message = `Cannot use "order" on set ${quote(name)}: its members are known before the flow runs`;
    check.report({ path: ["sets", name, "order"], message, at: "key" });
  }
  if (keys.optional !== undefined && isOfStream) {
    const message = `Cannot use "optional" on set ${quote(name)}: a stream may always be empty`;
    check.report({ path: ["sets", name, "optional"], message, at: "key" });
  } else if (keys.optional !== undefined && keys.table === undefined && keys.files === undefined) {
    const message = `Cannot use "optional" on set ${quote(name)}: what it names is always there`;
    check.report({ path: ["sets", name, "optional"], message, at: "key" });
  }
}

function readFiles(files: string | readonly string[], site: SetSite): RawSet | undefined {
  const { name, params, check } = site;
  const isOne = typeof files === "string";
  const path = ["sets", name, "files"];
  const given = (isOne ? [files] : files).map((text, at) => {
    return fillParams(text, { path: isOne ? path : [...path, at], params, check });
  });
  const patterns = given.filter((text) => text !== undefined);
  if (patterns.length < given.length) return undefined;
  for (const pattern of patterns) check.folders.add(resolve(check.folder, plainFolderOf(pattern)));
  try {
    const listed = listFiles(patterns, check.folder);
    const strange = findUnreadable(listed.members, check.folder);
    if (strange === undefined) return listed;
    const message = `Cannot use file ${quote(strange)} of set ${
      quote(name)
    }: its name is no UTF-8 (expected another name)`;
    check.report({ path, message });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    check.report({ path, message: `Cannot list the files of set ${quote(name)}: ${reason}` });
  }
  return undefined;
}

/** The folder in which a pattern begins to be one: `logs` of `logs/2026-*\/*.gz`. */
function plainFolderOf(pattern: string): string {
  const parts = pattern.replace(/^!/, "").split("/");
  const at = parts.findIndex((part) => /[*?[\]{}()!+@\\]/.test(part));
  return parts.slice(0, at === -1 ? -1 : at).join("/") || (pattern.startsWith("/") ? "/" : ".");
}

function readValues(
  values: NonNullable<SetFile["values"]>,
  { name, params, check }: SetSite,
): RawSet | undefined {
  let isFilled = true;
  const members = values.map((value, at) => {
    const fill = (text: unknown): unknown => {
      if (typeof text !== "string") return text;
      const filled = fillParams(text, { path: ["sets", name, "values", at], params, check });
      if (filled === undefined) isFilled = false;
      return filled;
    };
    const given = typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([field, part]) => [field, fill(part)]))
      : fill(value);
    return toRawMember(given, `value ${at + 1}`);
  });
  return isFilled ? { members, fields: listFields(members) } : undefined;
}

function readRows(table: string, site: SetSite): RawSet | undefined {
  const { name, shape: { keys }, params, check } = site;
  const path = ["sets", name, "table"];
  const filled = fillParams(table, { path, params, check });
  if (filled === undefined) return undefined;
  check.files.add(resolve(check.folder, filled));
  const format = keys.format ?? formatOf(filled);
  const read = format === undefined
    ? 'its name does not tell what it is (expected .csv, .tsv, .ndjson or .jsonl, or such as "format": "csv")'
    : readTable(resolve(check.folder, filled), { name: filled, format });
  if (typeof read !== "string") return read;
  check.report({ path, message: `Cannot read table ${quote(filled)} of set ${quote(name)}: ${read}` });
  return undefined;
}

function isSizeGood({ members }: RawSet, { name, shape: { keys }, check }: SetSite): boolean {
  if (members.length > SET_MEMBERS_MAX) {
    const message = `Cannot use set ${
      quote(name)
    }: it has ${members.length} members (expected at most ${SET_MEMBERS_MAX})`;
    check.report({ path: ["sets", name], message, at: "key" });
    return false;
  }
  if (members.length > 0 || keys.optional === true) return true;
  const { files = [], table } = keys;
  const patterns = typeof files === "string" ? [files] : files;
  const what = table === undefined
    ? `no file in ${quote(check.folder)} matches ${listNames(patterns.map(quote))}`
    : `table ${quote(table)} has no rows`;
  const message = `Cannot fill set ${quote(name)}: ${what} (expected at least one, or "optional": true)`;
  check.report({ path: ["sets", name, table === undefined ? "files" : "table"], message });
  return false;
}
