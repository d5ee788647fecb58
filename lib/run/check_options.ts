/**
 * What the caller of the library gives, held against what is expected: programs without types, and values that come from
 * elsewhere, may give anything. Asked before anything is started.
 */
import type { Flow } from "../core/flow.ts";
import { PROCESSES_MAX } from "../core/limits/flow.ts";
import { readTraceParent } from "../core/trace.ts";
import { isCallerReadable, isCallerWritable, isLocked } from "../host/bytes/caller_streams.ts";
import type { RunOptions } from "./state/run_options.ts";

interface Rule {
  /** For people: what the option may be. */
  readonly expected: string;
  readonly allows: (value: unknown) => boolean;
}

const FLAG: Rule = { expected: "true or false", allows: (value) => typeof value === "boolean" };
const FILE: Rule = { expected: "the path of a file", allows: isPath };
const CALLED: Rule = { expected: "a function", allows: (value) => typeof value === "function" };
const SIGNAL: Rule = { expected: "an AbortSignal", allows: isSignal };

const RULES: Readonly<Record<keyof RunOptions, Rule>> = {
  selection: {
    expected: 'such as {kind: "only", actors: ["a"]}, {kind: "stop-after", actor: "a"} or {kind: "one-step"}',
    allows: isSelection,
  },
  start: oneOf("eager", "lazy"),
  until: oneOf("end", "signal"),
  processes: {
    expected: `a whole number from 1 to ${PROCESSES_MAX}`,
    allows: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= PROCESSES_MAX,
  },
  endpoint: {
    expected: 'an endpoint such as "tcp://127.0.0.1:5001"',
    allows: (value) => typeof value === "string",
  },
  db: FILE,
  loadState: FILE,
  resume: FLAG,
  cache: { expected: "the path of a folder, or false", allows: (value) => value === false || isPath(value) },
  stdin: {
    expected: '"inherit", "ignore", bytes, {text: "…"} or a stream that can be read',
    allows: (value) =>
      value === "inherit" || value === "ignore" || value instanceof Uint8Array ||
      (isObject(value) && !isLocked(value) &&
        (isCallerReadable(value) || ("text" in value && typeof value.text === "string"))),
  },
  stdout: {
    expected: '"inherit", "ignore", "capture" or a stream that can be written',
    allows: (value) =>
      value === "inherit" || value === "ignore" || value === "capture" ||
      (isCallerWritable(value) && !isLocked(value)),
  },
  signal: SIGNAL,
  killSignal: SIGNAL,
  onEvent: CALLED,
  onStderr: CALLED,
  onOpenLine: CALLED,
  wantsProgress: FLAG,
  wantsMessages: FLAG,
  wantsEdges: FLAG,
  checkMessages: FLAG,
  trace: {
    expected: "{traceId: 32 hexadecimal digits, flags: two}",
    allows: (value) =>
      isObject(value) && "traceId" in value && "flags" in value &&
      readTraceParent(`00-${value.traceId}-${"1".repeat(16)}-${value.flags}`) !== undefined,
  },
  isResumed: FLAG,
  isCacheIgnored: FLAG,
  stopsOnSignals: FLAG,
  onPlanned: CALLED,
  onStarted: CALLED,
};

/** Throws a TypeError that names the first option that cannot be used, and what it may be. */
export function checkOptions(options: unknown): void {
  if (!isObject(options)) {
    throw new TypeError(`Cannot use options: they are ${show(options)} (expected an object)`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!isOption(name)) {
      const names = Object.keys(RULES).join(", ");
      throw new TypeError(`Cannot use option "${name}": there is no such option (options: ${names})`);
    }
    const { expected, allows } = RULES[name];
    if (allows(value)) continue;
    throw new TypeError(`Cannot use option "${name}": it is ${show(value)} (expected ${expected})`);
  }
  const { resume, loadState } = options as RunOptions; // Each was held against its rule.
  if (resume !== true || loadState === undefined) return;
  throw new TypeError(
    'Cannot combine "resume" and "loadState": resume goes on with what "db" names (expected one of them)',
  );
}

/** Throws a TypeError for what did not come out of `flow()`. */
export function checkIsFlow(flow: unknown): asserts flow is Flow {
  if (isObject(flow) && "actors" in flow && flow.actors instanceof Map) return;
  throw new TypeError(
    `Cannot run ${show(flow)}: it is no checked flow (expected what flow({actors: …}) gives)`,
  );
}

function isOption(name: string): name is keyof RunOptions {
  return Object.hasOwn(RULES, name);
}

function oneOf(...words: readonly string[]): Rule {
  const expected = words.map((word) => JSON.stringify(word)).join(" or ");
  return { expected, allows: (value) => words.some((word) => word === value) };
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

function isSignal(value: unknown): boolean {
  return isObject(value) && "aborted" in value && "addEventListener" in value;
}

function isSelection(value: unknown): boolean {
  if (!isObject(value) || !("kind" in value)) return false;
  switch (value.kind) {
    case "all":
    case "one-step":
      return true;
    case "only":
      return "actors" in value && Array.isArray(value.actors) &&
        value.actors.every((name) => typeof name === "string");
    case "stop-before":
    case "stop-after":
      return "actor" in value && typeof value.actor === "string";
    default:
      return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

const SHOWN_MAX = 80;

function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);
  }
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return isLocked(value) ? "a locked stream: somebody else uses it" : "an object";
  return typeof value === "function" ? "a function" : String(value);
}
