/**
 * A failure of a run as text: which actor, its command, how it ended, and what it said last.
 */
import type { Failure } from "../../core/failure.ts";
import { explainExit } from "./exit_hint.ts";
import { unreachable } from "../../core/unreachable.ts";
import { formatDuration } from "./format_duration.ts";
import { describeLimit, explainLimit } from "./limit_text.ts";
import { makeHarmless } from "./make_harmless.ts";
import { makePaint } from "./paint.ts";
import { quoteCommand, shorten } from "./shell_quote.ts";
import {
  describeFull,
  describeNoRoom,
  describeRoom,
  describeWhole,
  explainWhole,
  reasonOf,
} from "./room_text.ts";
import { describeDeadlock, describeTime } from "./wait_text.ts";

const COMMAND_LENGTH_MAX = 200;

/** Several lines, each ended by a line break. */
export function formatFailure(failure: Failure, { color }: { readonly color: boolean }): string {
  const paint = makePaint(color);
  const [head, ...rest] = describe(failure).map((line) => makeHarmless(line, { keepsColors: false }));
  const lines = [paint("red", `${head ?? ""}${nameTry(failure)}`), ...rest.map((line) => `  ${line}`)];
  return `${lines.join("\n")}\n`;
}

function nameTry({ whole }: Failure): string {
  if (whole === undefined) return "";
  return ` (try ${whole.attempt} of ${whole.attemptsMax} of all of "${whole.actor}")`;
}

/** That an actor is run again, and why. */
export function formatRetry(
  { attempt, attemptsMax, delayMs, failure, whole }: {
    /** The flow that is run again as a whole. */
    readonly whole?: string;
    readonly attempt: number;
    readonly attemptsMax: number;
    readonly delayMs: number;
    readonly failure: Failure;
  },
  { color }: { readonly color: boolean },
): string {
  const [head = ""] = describe(failure);
  const of = whole === undefined ? "" : ` of all of "${whole}"`;
  const next = `try ${attempt + 1} of ${attemptsMax}${of} in ${formatDuration(delayMs)}`;
  return `${makePaint(color)("yellow", `${makeHarmless(head, { keepsColors: false })}; ${next}`)}\n`;
}

function describe(failure: Failure): readonly string[] {
  switch (failure.kind) {
    case "exit":
      return [
        `Actor "${failure.actor}" failed: ${howItEnded(failure)}`,
        ...(failure.filesMax === undefined ? [] : [`its limit of open files is ${failure.filesMax}`]),
        ...(failure.full === undefined ? [] : [describeFull(failure.full)]),
        ...explainExit(failure),
        ...describeProgram(failure),
      ];
    case "limit":
      return [
        `Actor "${failure.actor}" was killed: ${describeLimit(failure)}`,
        ...explainLimit(failure),
        ...describeProgram(failure),
      ];
    case "spawn":
      return [
        `Cannot start actor "${failure.actor}": ${failure.reason}`,
        ...(failure.command.length === 0 ? [] : [`command: ${showCommand(failure.command)}`]),
      ];
    case "member":
      return [`Cannot make actor "${failure.actor}": ${failure.problem}`];
    case "split":
      return [`Cannot split by actor "${failure.actor}": ${failure.problem}`];
    case "read":
    case "input":
    case "keep":
    case "edge":
    case "write":
    case "capture":
    case "cache":
      return describeCarried(failure);
    case "envelope":
    case "message":
    case "mailbox":
    case "unread":
    case "starved":
      return describeTalk(failure);
    case "system":
      return [`Cannot go on with the run: ${reasonOf(failure)}`];
    case "abort":
      return [`The run was stopped by its caller: ${failure.reason}`];
    case "finish":
      return [`Actor "${failure.actor}" ended the run with code ${failure.code}`, failure.reason];
    case "timeout":
    case "stall":
      return describeTime(failure);
    case "deadlock":
      return describeDeadlock(failure);
    default:
      return unreachable(failure);
  }
}

function describeProgram(
  { command, lastLines }: Pick<Extract<Failure, { kind: "exit" | "limit" }>, "command" | "lastLines">,
): readonly string[] {
  return [
    `command: ${showCommand(command)}`,
    ...(lastLines.length === 0 ? [] : ["last lines on stderr:"]),
    ...lastLines.map((line) => `  ${makeHarmless(line, { keepsColors: false })}`),
  ];
}

function howItEnded({ code, signal, ok }: Extract<Failure, { kind: "exit" }>): string {
  if (signal !== undefined) {
    return `ended by signal ${signal}${signal === "SIGKILL" ? " (perhaps out of memory)" : ""}`;
  }
  const meaning = MEANINGS[code ?? -1];
  const expected = ok.length === 1 && ok[0] === 0 ? "" : ` (expected ${ok.join(" or ")})`;
  return `exit ${code}${meaning === undefined ? "" : ` (${meaning})`}${expected}`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  126: "a command was found but could not be executed",
  127: "a command was not found",
  137: "a process was ended by SIGKILL, perhaps out of memory",
  143: "a process was ended by SIGTERM",
};

function showCommand(command: readonly string[]): string {
  return shorten(makeHarmless(quoteCommand(command), { keepsColors: false }), COMMAND_LENGTH_MAX);
}

type Carried = Extract<Failure, { kind: "read" | "input" | "keep" | "edge" | "write" | "capture" | "cache" }>;

/** The lines that tell of it. */
function describeCarried(failure: Carried): readonly string[] {
  switch (failure.kind) {
    case "read":
      return [
        `Cannot read "${failure.path}" for actor "${failure.actor}": ${reasonOf(failure)}`,
        ...explainDevice(failure.path, failure),
      ];
    case "input":
      return [
        `Cannot write input "${failure.port}" of actor "${failure.actor}" into a file: ${
          describeWhole(failure)
        }`,
        ...explainWhole(failure),
      ];
    case "keep":
      return [
        `Cannot keep "${failure.stream}" for those that are spawned later: ${describeWhole(failure)}`,
        ...explainWhole(failure),
      ];
    case "edge":
      return [
        failure.does === "writes"
          ? `Cannot carry what actor "${failure.actor}" writes to ${failure.port}: ${reasonOf(failure)}`
          : `Cannot carry what actor "${failure.actor}" reads from ${failure.port}: ${reasonOf(failure)}`,
        failure.port === "stderr"
          ? "what it has said from then on is not shown"
          : "what depends on it is not whole, and not kept",
      ];
    case "write":
      return [
        `Cannot write ${failure.target === "-" ? "standard output" : `output "${failure.target}"`}: ${
          reasonOf(failure)
        }`,
        ...(failure.errno !== "ENOSPC"
          ? []
          : [`the disk is full${failure.target === "-" ? "" : "; the file was not put in place"}`]),
        ...explainDevice(failure.target, failure),
      ];
    case "capture":
      return [
        `Cannot write database "${failure.file}": ${reasonOf(failure)}`,
        "it holds what was written before; the flow goes on without it",
      ];
    case "cache":
      return [
        `Cannot write the cache in "${failure.folder}": ${reasonOf(failure)}`,
        "what the actor wrote is not kept for later runs; the flow went on, and its outputs are whole",
      ];
  }
}

/** Devices are there though there is nothing behind them. */
function explainDevice(path: string, { errno }: { readonly errno: string }): readonly string[] {
  if (errno !== "ENXIO") return [];
  return path === "/dev/tty"
    ? ["this program has no terminal (start it from one, or use a file or standard input and output instead)"]
    : ["there is nothing behind this device (expected one that is connected, or a file)"];
}

type Talk = Extract<Failure, { kind: "envelope" | "message" | "mailbox" | "unread" | "starved" }>;

/** The lines that tell of it. */
function describeTalk(failure: Talk): readonly string[] {
  switch (failure.kind) {
    case "envelope":
      return [`Actor "${failure.actor}" wrote a line that is no envelope: ${failure.problem}`, failure.line];
    case "message":
      return describeLost(failure);
    case "mailbox": {
      const { actor, cause, room, what } = failure;
      return [
        `Cannot keep the ${what === "states" ? "states of" : "messages that wait for"} actor "${actor}": ${
          describeNoRoom(cause, room)
        }`,
        ...describeRoom(cause, room),
      ];
    }
    case "unread":
      // It is to be started again however it ends, and nothing waited for it.
      if (failure.messages === 0) {
        return [
          `Actor "${failure.actor}" ended well, again and again, more often than its "restart" allows`,
          'with "policy": "on-failure" it is started again by its next message; or give a larger "intensity"',
        ];
      }
      return [
        `Actor "${failure.actor}" ended without reading ${
          failure.messages === 1 ? "the message" : `the ${failure.messages} messages`
        } that waited for it`,
        "a message actor reads its standard input, an envelope a line",
      ];
    case "starved":
      return [
        `Actor "${failure.actor}" acknowledges none of the ${failure.messages} messages that it has, and waits for more`,
        'let it have more with "prefetch", or acknowledge each message that is handled',
      ];
  }
}

function describeLost(
  { count, messageType, sender, receiver, reason, code }: Extract<Failure, { kind: "message" }>,
): readonly string[] {
  const what = code === "OTHERS"
    ? `${count} more messages were`
    : `${count === 1 ? "A message" : `${count} messages`}${messageType === "" ? "" : ` "${messageType}"`} ${
      sender === "" ? "of a stream" : `of "${sender}"`
    } to "${receiver}" ${count === 1 ? "was" : "were"}`;
  return [
    `${what} not handled: ${reason}`,
    // What the engine itself sends and fails the run is a dead letter.
    ...(code === "OTHERS" || sender === "$engine"
      ? []
      : ['an actor behind the alias "dead-letter" gets such messages']),
  ];
}
