/**
 * What actors, edges and outputs are called in texts and pictures.
 */
import { Buffer } from "node:buffer";
import { dirname, relative } from "node:path";
import { quoteArgument } from "../../core/quote_argument.ts";
import type { Actor, Flow, SplitRule } from "../../core/flow.ts";
import type { EdgeTarget } from "../../core/plan.ts";
import { unreachable } from "../../core/unreachable.ts";
import { formatBytes } from "./format_bytes.ts";
import { makeHarmless } from "./make_harmless.ts";
import { quoteCommand } from "./shell_quote.ts";

/** What an actor does, on one line: its command, or where its bytes come from. */
export function describeActor(actor: Actor, flow: Flow): string {
  const source = actor.source;
  switch (source.kind) {
    case "run":
      return source.handler === undefined
        ? quoteCommand(source.argv)
        : `handler ${quoteArgument(source.handler)}`;
    case "sh":
      return quoteCommand(["sh", "-c", source.script]);
    case "value":
      return describeValue(source.bytes);
    case "file":
      return `file ${quoteArgument(shortPath(source.path, flow))}`;
    case "stdin":
      return "standard input";
    case "split":
      return `split by ${describeKey(source.rule)}`;
    case "remote":
      return `${quoteArgument(source.place.actor)} at ${source.place.endpoint}`;
    default:
      return unreachable(source);
  }
}

/** Where the key of a record is: `column "country" of CSV`. */
function describeKey({ key, format }: SplitRule): string {
  const of = format === "csv" ? " of CSV" : "";
  switch (key.kind) {
    case "name":
      return `column ${quoteArgument(key.name)}${of}`;
    case "column":
      return `column ${key.column}${of}`;
    case "pointer":
      return key.path.length === 0 ? "the whole line" : `/${key.path.join("/")}`;
    case "pattern":
      return `pattern ${quoteArgument(key.pattern)}`;
    default:
      return unreachable(key);
  }
}

/** The name of where an edge ends: `bar`, `bar (left)`, `standard output` or a file. */
export function targetName(to: EdgeTarget, flow: Flow): string {
  if (to.kind === "output") return outputName(to.target, flow);
  return to.port === "stdin" ? to.actor : `${to.actor} (${to.port})`;
}

/** The name of an output of the flow: `standard output`, or the file as seen from the flow file's folder. */
export function outputName(target: string, flow: Flow): string {
  return target === "-" ? "standard output" : quoteArgument(shortPath(target, flow));
}

/** A path below the flow file's folder without that folder; others stay as they are. */
export function shortPath(path: string, flow: Flow): string {
  if (flow.file === undefined) return path;
  const below = relative(dirname(flow.file), path);
  return below === "" || below.startsWith("..") ? path : below;
}

const VALUE_SHOWN_BYTES = 40;

function describeValue(bytes: Uint8Array): string {
  const size = `value, ${formatBytes(bytes.length)}`;
  const text = Buffer.from(bytes.subarray(0, VALUE_SHOWN_BYTES)).toString("utf8");
  // Bytes that are no text, or more than fits on a line, are only counted.
  return bytes.length > VALUE_SHOWN_BYTES || text.includes("\ufffd")
    ? size
    : `${size}: ${makeHarmless(JSON.stringify(text), { keepsColors: false })}`;
}
