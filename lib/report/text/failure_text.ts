/**
 * A failure of a run as text: which actor, its command, how it ended, and what it said last.
 */
import type { Failure } from "../../core/failure.ts";
import { explainExit } from "./exit_hint.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { ActorActivity } from "../../core/wait.ts";
import { formatBytes } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";
import { describeLimit, explainLimit } from "./limit_text.ts";
import { makeHarmless } from "./make_harmless.ts";
import { makePaint } from "./paint.ts";
import { quoteCommand, shorten } from "./shell_quote.ts";
import { describeCarried } from "./failure_carried.ts";
import { describeTalk } from "./failure_talk.ts";
import { describeNoRoom, describeRoom, reasonOf } from "./room_text.ts";
import { formatCycle } from "./wait_text.ts";

const COMMAND_LENGTH_MAX = 200;
const ACTIVITIES_MAX = 30;

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

function describeTime(
  { kind, actor, limitMs, activities }: Extract<Failure, { kind: "timeout" | "stall" }>,
): readonly string[] {
  const limit = formatDuration(limitMs);
  const head = actor === undefined
    ? `The flow has run for ${limit}, its timeout`
    : kind === "timeout"
    ? `Actor "${actor}" has run for ${limit}, its timeout`
    : `Actor "${actor}" has moved no byte for ${limit}, though it could`;
  const width = Math.max(0, ...activities.map((activity) => activity.actor.length));
  return [
    head,
    ...(activities.length === 0 ? [] : ["at that moment:"]),
    ...activities.slice(0, ACTIVITIES_MAX).map((activity) =>
      `  ${activity.actor.padEnd(width)}  ${describeActivity(activity)}`
    ),
    ...(activities.length > ACTIVITIES_MAX ? [`  … and ${activities.length - ACTIVITIES_MAX} more`] : []),
  ];
}

function describeActivity({ does, at }: ActorActivity): string {
  switch (does) {
    case "waits":
      return `waits: ${at.join(", ")}`;
    case "works":
      return "works";
    case "sleeps":
      return "sleeps";
    case "stopped":
      return "is stopped by a signal";
    case "outside":
      return "waits for something outside the flow";
    case "unknown":
      return "unknown";
    case "not started":
      return "has not started";
  }
}

function describeDeadlock(
  { cycle, cause, room, stored }: Extract<Failure, { kind: "deadlock" }>,
): readonly string[] {
  const picture = formatCycle(cycle);
  const held = `${formatBytes(stored.memory)} are held in memory, ${formatBytes(stored.spill)} on disk`;
  if (cause.kind === "nobody") {
    return [
      "Deadlock: these actors wait for each other, and no larger buffer can help:",
      ...picture,
      "none of them can write what the next one waits for",
    ];
  }
  const reason = describeNoRoom(cause, room);
  const [first = "", ...more] = describeRoom(cause, room);
  if (cycle.every(({ waiter, waitsFor }) => waiter === waitsFor)) {
    return [
      `Actor "${cycle[0]?.waiter ?? ""}" writes more than can be held: ${reason}`,
      "its output is withheld until it has ended well, because it has retries",
      `${held}; ${first}`,
      ...more,
    ];
  }
  return [
    `Deadlock: these actors wait for each other, and ${reason}:`,
    ...picture,
    `${held}; ${first}`,
    ...more,
    "or change the order in which the streams are read",
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
