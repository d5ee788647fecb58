/**
 * Which scanner finds the records and keys of a split.
 */
import { Buffer } from "node:buffer";
import type { SplitRule } from "../../core/flow.ts";
import { ColumnScanner } from "./column_scanner.ts";
import { CsvScanner, readCells } from "./csv_scanner.ts";
import type { RecordScanner } from "./record_scanner.ts";
import { SplitProblem } from "./record_scanner.ts";
import { LineScanner, TextScanner } from "./text_scanner.ts";

/** What finds the records of the header. */
export function makeHeaderScanner(rule: SplitRule): RecordScanner {
  return rule.format === "csv"
    ? new CsvScanner({ column: 1, separator: byteOf(separatorOf(rule)) })
    : new LineScanner();
}

/** What finds the records behind it. `header` is its last record, without line break. Throws a SplitProblem. */
export function makeScanner(rule: SplitRule, header: string): RecordScanner {
  const { key, format } = rule;
  switch (key.kind) {
    case "name":
      return makeScanner(
        { ...rule, key: { ...key, kind: "column", column: findColumn(rule, header) } },
        header,
      );
    case "column": {
      const separator = separatorOf(rule);
      if (format === "csv") return new CsvScanner({ column: key.column, separator: byteOf(separator) });
      // What is more than one byte, or any blanks, is found in the text.
      if (key.separator === undefined || Buffer.byteLength(separator) > 1) return new TextScanner(key);
      return new ColumnScanner({ column: key.column, separator: byteOf(separator) });
    }
    case "pointer":
    case "pattern":
      return new TextScanner(key, makeHeaderScanner(rule));
  }
}

function separatorOf({ key }: SplitRule): string {
  return key.kind === "column" || key.kind === "name" ? key.separator ?? "," : ",";
}

function byteOf(separator: string): number {
  return separator.charCodeAt(0);
}

function findColumn(rule: SplitRule, header: string): number {
  const { key } = rule;
  const name = key.kind === "name" ? key.name : "";
  const separator = separatorOf(rule);
  const text = header.replace(/^\ufeff/, "");
  const cells = rule.format === "csv" ? readCells(text, separator) : text.split(separator);
  const found = cells.indexOf(name);
  if (found === -1) {
    throw new SplitProblem(`the header has no column "${name}" (columns: ${showCells(cells)})`);
  }
  if (cells.indexOf(name, found + 1) !== -1) {
    throw new SplitProblem(
      `the header has two columns "${name}" (expected one, or the number of the column)`,
    );
  }
  return found + 1;
}

const CELLS_SHOWN_MAX = 12;

function showCells(cells: readonly string[]): string {
  const shown = cells.slice(0, CELLS_SHOWN_MAX).join(", ").slice(0, 200);
  return cells.length > CELLS_SHOWN_MAX ? `${shown} and ${cells.length - CELLS_SHOWN_MAX} more` : shown;
}
