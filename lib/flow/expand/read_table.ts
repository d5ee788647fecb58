/**
 * The members of a table: rows of a CSV or TSV file with a header, or the lines of NDJSON.
 */
import { extname } from "node:path";
import { TABLE_BYTES_MAX } from "../../core/limits/sets.ts";
import { codeOf, LINKS_RING } from "../../host/errno.ts";
import { decodeText, readWhole } from "../../host/files/read_whole.ts";
import { quote } from "../schema/names.ts";
import { listFields, parseMember, type RawMember, type RawSet } from "./member.ts";
import { parseColumns } from "./parse_columns.ts";

export type TableFormat = "csv" | "tsv" | "ndjson";

const FORMATS: Readonly<Record<string, TableFormat>> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".tab": "tsv",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
};

/** What kind of table it is by its name. */
export function formatOf(path: string): TableFormat | undefined {
  return FORMATS[extname(path).toLowerCase()];
}

/** The rows; or what is wrong with the table. `name` is what people call it. */
export function readTable(
  path: string,
  { name, format }: { readonly name: string; readonly format: TableFormat },
): RawSet | string {
  const text = readText(path);
  if (typeof text !== "object") return text;
  return format === "ndjson" ? readLines(text.text, name) : readRows(text.text, { name, format });
}

function readText(path: string): { readonly text: string } | string {
  try {
    const text = decodeText(readWhole(path, TABLE_BYTES_MAX));
    return text === undefined ? "it is no text in UTF-8 (expected UTF-8)" : { text };
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case "ENOENT":
      return "there is no such file (expected a file that exists)";
    case "ELOOP":
      return `${LINKS_RING} (expected a file that exists)`;
    case "EISDIR":
      return "it is a folder (expected a file)";
    case "ENOTDIR":
      return "a part of its path is no folder (expected a file that exists)";
    case "EACCES":
    case "EPERM":
      return "it may not be read (expected permission to read it)";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function readRows(
  text: string,
  { name, format }: { readonly name: string; readonly format: "csv" | "tsv" },
): RawSet | string {
  const parsed = parseColumns(text, format);
  if (typeof parsed === "string") return parsed;
  const [header, ...rows] = parsed;
  if (header === undefined) return "it is empty (expected a line with the names of its columns, then rows)";
  const fields = header.cells;
  const unnamed = fields.findIndex((field) => field.trim() === "");
  if (unnamed !== -1) return `column ${unnamed + 1} has no name (expected a header in the first line)`;
  const twice = fields.find((field, at) => fields.indexOf(field) !== at);
  if (twice !== undefined) {
    return `two columns are called ${quote(twice)} (expected a header with different names)`;
  }
  const members: RawMember[] = [];
  for (const { cells, line } of rows) {
    if (cells.length !== fields.length) {
      return `line ${line} has ${cells.length} ${
        cells.length === 1 ? "column" : "columns"
      } (expected ${fields.length}, as in its header)`;
    }
    members.push({
      fields: new Map(fields.map((field, at) => [field, cells[at] ?? ""])),
      where: `line ${line} of ${quote(name)}`,
    });
  }
  return { members, fields };
}

function readLines(text: string, name: string): RawSet | string {
  const members: RawMember[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      members.push(parseMember(line, `line ${at + 1} of ${quote(name)}`));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return `line ${at + 1} is no JSON (expected one value a line)`;
    }
  }
  return { members, fields: listFields(members) };
}
