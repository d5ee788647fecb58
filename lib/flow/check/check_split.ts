/**
 * An actor that splits what it reads by key. The schema has seen to the form.
 */
import { Buffer } from "node:buffer";
import type { ActorSource, SplitRule } from "../../core/flow.ts";
import { quote } from "../schema/names.ts";
import type { ActorFile } from "../schema/actor_schema.ts";
import type { ActorSite } from "./actor_site.ts";
import { checkKey } from "./check_workers.ts";

type SplitFile = Exclude<ActorFile["split"], undefined>;

/** What it splits by; undefined when it is reported to be wrong. */
export function checkSplit(split: SplitFile, site: ActorSite): ActorSource | undefined {
  const { name, shape: { keys }, check } = site;
  const fail = (path: readonly string[], message: string): void =>
    check.report({ path: ["actors", name, ...path], message });
  const before = check.issues.length;
  checkInput(keys.in, { name, fail });
  if (keys.each !== undefined) {
    fail(
      ["each"],
      `Cannot use "each" on actor ${quote(name)}: it splits by keys of its own (expected it without)`,
    );
  }
  const { format = "lines" } = split;
  const key = keyOf(split.key, { site, format });
  const headerLines = split.header ?? (key.kind === "name" ? 1 : 0);
  if (key.kind === "name" && headerLines === 0) {
    fail(
      ["split", "header"],
      `Cannot find column ${
        quote(key.name)
      }: there is no header (expected "header": 1, or the number of the column)`,
    );
  }
  if (format === "csv" && key.kind === "pointer") {
    fail(["split", "key"], 'Cannot find a JSON pointer in CSV (expected a column, or "format": "lines")');
  }
  const separator = key.kind === "column" || key.kind === "name" ? key.separator : undefined;
  if (
    format === "csv" && separator !== undefined && (Buffer.byteLength(separator) > 1 || separator === '"')
  ) {
    fail(
      ["split", "key", "separator"],
      `Cannot separate columns of CSV by ${quote(separator)} (expected one byte such as ";", not a quote)`,
    );
  }
  return check.issues.length > before ? undefined : { kind: "split", rule: { key, format, headerLines } };
}

function keyOf(
  key: SplitFile["key"],
  { site: { name, check }, format }: { readonly site: ActorSite; readonly format: SplitRule["format"] },
): SplitRule["key"] {
  if (typeof key === "object" && "column" in key && typeof key.column === "string") {
    return { kind: "name", name: key.column, separator: key.separator ?? "," };
  }
  const rule = checkKey(key, { path: ["actors", name, "split"], check });
  return rule.kind === "column" && rule.separator === undefined && format === "csv"
    ? { ...rule, separator: "," }
    : rule;
}

function checkInput(
  input: ActorFile["in"],
  { name, fail }: {
    readonly name: string;
    readonly fail: (path: readonly string[], message: string) => void;
  },
): void {
  if (input === undefined) {
    return fail([], `Cannot split by actor ${quote(name)}: it reads nothing (expected "in": a stream)`);
  }
  if (typeof input !== "object" || Array.isArray(input)) return;
  for (const [port, value] of Object.entries(input)) {
    if (port !== "stdin") {
      fail(
        ["in", port],
        `Cannot give input ${quote(port)} to actor ${quote(name)}: it splits one (expected "stdin")`,
      );
    } else if (typeof value === "object" && !Array.isArray(value)) {
      fail(
        ["in", port],
        `Cannot give a file to actor ${quote(name)}: it splits what comes (expected a stream)`,
      );
    }
  }
}
