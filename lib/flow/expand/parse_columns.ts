/**
 * Tables of columns: CSV (RFC 4180) and TSV.
 */
import process from "node:process";

/** A row, and the line of the text in which it ends. */
export interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** What is used of csv-parse. */
interface Parser {
  parse(text: string, options: {
    readonly bom: boolean;
    readonly relax_column_count: boolean;
    readonly skip_empty_lines: boolean;
    readonly record_delimiter: readonly string[];
    readonly on_record: (cells: string[], context: { readonly lines: number }) => void;
    readonly delimiter?: string;
    readonly quote?: null;
  }): unknown;
  readonly CsvError: new (...args: never) => Error & { readonly code: string; readonly lines?: number };
}

/** The rows of a text, its header first; or what is wrong with it. A cell of TSV has no quotes. */
export function parseColumns(text: string, format: "csv" | "tsv"): readonly Row[] | string {
  // Loaded only where a flow has a table.
  const { createRequire } = process.getBuiltinModule("node:module");
  const { parse, CsvError }: Parser = createRequire(import.meta.url)("csv-parse/sync");
  const rows: Row[] = [];
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      on_record: (cells, { lines }) => void rows.push({ cells, line: lines }),
      ...(format === "tsv" ? { delimiter: "\t", quote: null } : {}),
    });
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return `line ${error.lines ?? 1} is no ${format.toUpperCase()}: ${reasonOf(error)}`;
  }
}

function reasonOf({ code, message }: { readonly code: string; readonly message: string }): string {
  switch (code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return 'a quote is not closed (expected a second ")';
    case "CSV_INVALID_CLOSING_QUOTE":
      return "something stands behind a closing quote (expected a comma; a quote in quotes is written twice)";
    case "INVALID_OPENING_QUOTE":
      return "a quote stands in a cell without quotes (expected the whole cell in quotes, and that quote twice)";
    default:
      return message;
  }
}
