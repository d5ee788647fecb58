/**
 * From a word on the command line to a checked flow, or to what is wrong with it.
 */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { editDistance } from "../../core/edit_distance.ts";
import type { Flow } from "../../core/flow.ts";
import type { PlacedIssue } from "../../core/issue.ts";
import { FlowError } from "../../core/issue.ts";
import { VARIABLES_BYTES_MAX } from "../../core/limits/flow.ts";
import type { FlowText } from "../../flow/read/flow_text.ts";
import { formatIssues } from "../../flow/read/issue_text.ts";
import { loadFlow } from "../../flow/load_flow.ts";
import { StoreError } from "../../store/capture/store_error.ts";
import type { Arguments } from "./read_arguments.ts";
import { COMMANDS, readInputs, readParams } from "./read_arguments.ts";
import { UsageError } from "./usage_error.ts";
import { forgetLoaded } from "../../host/spawn/loaded_variables.ts";
import { LINKS_RING } from "../../host/errno.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { readWhole } from "../../host/files/read_whole.ts";
import { mayBeThere } from "../../host/files/stat_if_there.ts";

export interface OpenedFlow {
  readonly flow: Flow;
  readonly text: FlowText;
}

/** The flow has issues; the message is the whole text to print. */
export class IssuesError extends Error {
  override readonly name = "IssuesError";
}

/** Throws a UsageError or an IssuesError. */
export async function openFlow({ words, options }: Arguments, color: boolean): Promise<OpenedFlow> {
  const source = findSource(words[0]);
  const command = COMMANDS.find((name) => editDistance(name, source) <= 2);
  if (command !== undefined && source !== "-" && !mayBeThere(source)) {
    throw new UsageError(`There is no file and no command "${source}" (did you mean "${command}"?)`);
  }
  const loaded = await loadFlow(source, {
    params: readParams(options.set),
    inputs: readInputs(options.in),
    variables: options["env-file"] === undefined ? {} : readVariables(options["env-file"]),
    ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }),
  });
  if (!loaded.ok) throw new IssuesError(formatIssues(loaded.issues, { color }));
  return loaded;
}

/** A folder stands for the flow in it, and so does the current one where no flow is named. */
export function findSource(word: string | undefined): string {
  if (word === undefined) {
    if (hasFlow()) return FLOW_FILE;
    throw new UsageError(
      `There is no flow to work on (expected the path of a flow file, or -, or ${FLOW_FILE} in this folder)`,
    );
  }
  if (word === "-" || !isFolder(word)) return word;
  const file = join(word, FLOW_FILE);
  if (mayBeThere(file)) return file;
  throw new UsageError(`There is no ${FLOW_FILE} in the folder "${word}" (expected the path of a flow file)`);
}

/** What the flow of a folder is called. */
const FLOW_FILE = "flow.json";

/** True when the current folder has a flow. */
export function hasFlow(): boolean {
  return mayBeThere(FLOW_FILE);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // Whoever reads it tells why it cannot be read.
  }
}

/** The variables of a file such as `.env`. */
function readVariables(file: string): Record<string, string> {
  try {
    const bytes = readWhole(file, VARIABLES_BYTES_MAX);
    if (bytes.length === 0 && statSync(file).isFIFO()) throw new UsageError(nothingCame(file));
    const parsed = Object.entries(parseEnv(new TextDecoder().decode(bytes)));
    const variables = Object.fromEntries(
      parsed.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
    );
    forgetLoaded(variables);
    return variables;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { errno, reason } = describeSystemError(error);
    const is = errno === "ELOOP" ? `${LINKS_RING} (expected the path of a file)` : reason;
    throw new UsageError(`Cannot read the variables of "${file}": ${is}`);
  }
}

/** Who writes to it may have failed; and what Node has read from a pipe nobody reads again. */
function nothingCame(file: string): string {
  return `Cannot read the variables of "${file}": nothing has come through this pipe ` +
    "(expected lines such as NAME=VALUE; Node itself reads --env-file unless -- stands before the program, as in node -- mod.ts)";
}

interface Told {
  readonly text: FlowText;
  readonly color: boolean;
}

/** Does something of which a FlowError is told with its places in the text. */
export async function withPlaces<Result>(
  told: Told,
  action: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw await placed(error, told);
  }
}

/** The IssuesError for a FlowError; any other error as it is. */
export async function placed(error: unknown, { text, color }: Told): Promise<unknown> {
  return error instanceof FlowError
    ? new IssuesError(formatIssues(await placedIssues(error, text), { color }))
    : error;
}

/** A database that cannot be used is a mistake of whoever named it. */
export async function explainStore<Result>(action: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof StoreError ? new UsageError(error.message) : error;
  }
}

async function placedIssues({ issues }: FlowError, text: FlowText): Promise<readonly PlacedIssue[]> {
  const { placeIssues } = await import("../../flow/read/place_issues.ts");
  return await placeIssues(issues, text);
}
