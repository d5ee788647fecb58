/**
 * From a file, or standard input, to a checked flow.
 */
import { basename, dirname, extname } from "node:path";
import process from "node:process";
import type { Flow } from "../core/flow.ts";
import type { FlowIssue, PlacedIssue } from "../core/issue.ts";
import { FLOW_FILE_BYTES_MAX } from "../core/limits/flow.ts";
import { toAbsolute, workingFolder } from "../host/files/working_folder.ts";
import { NOTHING } from "./check/check_context.ts";
import { checkFlow } from "./check/check_flow.ts";
import { decodeText, readWhole } from "../host/files/read_whole.ts";
import type { FlowText, ParseResult } from "./read/flow_text.ts";
import { quote } from "./schema/names.ts";
import { loadRooms } from "./load_rooms.ts";
import { hasUses } from "./read/list_needs.ts";
import { readReason, TOO_LARGE as TOO_LARGE_REASON } from "./read/read_reason.ts";
import { readPlainJson } from "./read/plain_json.ts";

export interface LoadOptions {
  /** Values of parameters by name. @default {} */
  readonly params?: Readonly<Record<string, string>>;
  /** What its inputs are by name: absolute paths, or `-` for standard input. @default none is given */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Environment variables for parameters that are taken from them, where the process has none. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
  /** Where relative paths of the flow start. @default the file's folder; for standard input, the current one */
  readonly cwd?: string;
  /** Gives the whole of standard input. @default the process's own */
  readonly readStdin?: () => Promise<Uint8Array>;
}

export type LoadResult =
  | { readonly ok: true; readonly flow: Flow; readonly text: FlowText }
  | { readonly ok: false; readonly issues: readonly PlacedIssue[] };

/** Reads and checks a flow; `source` is a path, or `-` for standard input. What is wrong with it never throws. */
export async function loadFlow(source: string, options: LoadOptions = {}): Promise<LoadResult> {
  const isStdin = source === "-";
  const file = isStdin ? "<stdin>" : source;
  const fail = (message: string): LoadResult => ({ ok: false, issues: [{ path: [], message, file }] });
  const read = isStdin ? await readInput(options.readStdin ?? readStdin) : readFlowFile(source);
  if (!read.ok) return fail(`Cannot read the flow ${quote(file)}: ${read.reason}`);
  const decoded = decodeText(read.bytes);
  if (decoded === undefined) {
    return fail(`Cannot read the flow ${quote(file)}: it is no text in UTF-8 (expected JSON in UTF-8)`);
  }
  const parsed = await parse(decoded, file);
  if (!parsed.ok) return parsed;
  const { text, slips } = parsed;
  const path = isStdin ? source : toAbsolute(source);
  const checked = checkFlow(text.value, {
    folder: options.cwd ?? (isStdin ? workingFolder() : dirname(path)),
    rooms: await loadRooms(text.value),
    ...(options.params === undefined ? {} : { params: options.params }),
    outside: { ...NOTHING, inputs: options.inputs ?? {}, variables: options.variables ?? {} },
    ...(hasUses(text.value)
      ? { uses: (await import("./use/use_reader.ts")).makeUseReader(isStdin ? undefined : path) }
      : {}),
    ...(isStdin ? {} : { file: path, name: basename(path, extname(path)) }),
  });
  const issues = [...(checked.ok ? [] : checked.issues), ...(isStdin ? stdinIssues(text.value) : [])];
  if (checked.ok && issues.length === 0 && slips.length === 0) {
    return { ok: true, flow: checked.flow, text };
  }
  const { placeIssues, sortIssues } = await import("./read/place_issues.ts");
  return { ok: false, issues: sortIssues([...slips, ...await placeIssues(issues, text)]) };
}

async function parse(text: string, file: string): Promise<ParseResult> {
  const plain = readPlainJson(text);
  if (plain !== undefined) return { ok: true, text: { file, text, ...plain }, slips: [] };
  const { parseFlowText } = await import("./read/flow_text.ts");
  return parseFlowText(text, { file });
}

type ReadResult = { readonly ok: true; readonly bytes: Uint8Array } | {
  readonly ok: false;
  readonly reason: string;
};

const TOO_LARGE: ReadResult = { ok: false, reason: TOO_LARGE_REASON };

function readFlowFile(path: string): ReadResult {
  try {
    return { ok: true, bytes: readWhole(path, FLOW_FILE_BYTES_MAX) };
  } catch (error) {
    return { ok: false, reason: readReason(error) };
  }
}

async function readInput(read: () => Promise<Uint8Array>): Promise<ReadResult> {
  try {
    const bytes = await read();
    return bytes.length > FLOW_FILE_BYTES_MAX ? TOO_LARGE : { ok: true, bytes };
  } catch (error) {
    return { ok: false, reason: readReason(error) };
  }
}

async function readStdin(): Promise<Uint8Array> {
  const read = await readAll(process.stdin);
  // One byte over the limit says what there is to say, without holding the rest.
  return read.ok ? read.bytes : new Uint8Array(FLOW_FILE_BYTES_MAX + 1);
}

/** Stops at the limit: a pipe does not tell its size before. */
async function readAll(stream: AsyncIterable<Uint8Array>): Promise<ReadResult> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > FLOW_FILE_BYTES_MAX) return TOO_LARGE;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { ok: true, bytes };
}

/** The flow itself came from standard input, so there is nothing left of it for an actor. */
function stdinIssues(value: unknown): FlowIssue[] {
  const actors: unknown = typeof value === "object" && value !== null && "actors" in value
    ? value.actors
    : undefined;
  if (typeof actors !== "object" || actors === null) return [];
  return Object.entries(actors)
    .filter(([, actor]: [string, unknown]) => {
      return typeof actor === "object" && actor !== null && "stdin" in actor && actor.stdin === true;
    })
    .map(([name]) => ({
      path: ["actors", name, "stdin"],
      message: `Cannot read standard input in actor ${
        quote(name)
      }: the flow was read from it (expected the flow in a file)`,
      at: "key" as const,
    }));
}
