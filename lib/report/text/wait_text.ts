/**
 * Who waits for whom, and what that came to: a small picture, a deadlock, a limit of time.
 */
import type { Failure } from "../../core/failure.ts";
import type { ActorActivity, WaitStep } from "../../core/wait.ts";
import { formatBytes } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";
import { describeNoRoom, describeRoom } from "./room_text.ts";

/**
 * One line for each that waits; the last waits for the first.
 *
 * @example
 * ┌▶ src   cannot write src → b: full, holds 1 MiB of 1 MiB; waits for b [process 12]
 * │  join  cannot read a → join: empty; waits for a [process 15]
 * └─ a     cannot read src → a: empty; waits for src [process 13]
 */
export function formatCycle(steps: readonly WaitStep[]): readonly string[] {
  const width = Math.max(...steps.map(({ waiter }) => waiter.length));
  return steps.map((step, at) => {
    const arrow = steps.length === 1 ? "⟳ " : at === 0 ? "┌▶" : at === steps.length - 1 ? "└─" : "│ ";
    return `${arrow} ${step.waiter.padEnd(width)}  ${describe(step)}`;
  });
}

function describe(step: WaitStep): string {
  const edge = `${step.from} → ${step.to}`;
  const process = step.pid === undefined ? "" : ` [process ${step.pid}]`;
  switch (step.does) {
    case "write":
      return `cannot write ${edge}: full, ${formatFill(step)}; waits for ${step.waitsFor}${process}`;
    case "read":
      return `cannot read ${edge}: empty; waits for ${step.waitsFor}${process}`;
    case "start":
      return `has not started; waits for ${step.waitsFor}`;
  }
}

function formatFill({ heldBytes, capacityBytes }: WaitStep): string {
  const held = formatBytes(heldBytes);
  return capacityBytes === 0 ? `holds ${held}` : `holds ${held} of ${formatBytes(capacityBytes)}`;
}

const ACTIVITIES_MAX = 30;

/** A limit of time was reached: whose, and what everybody did then. */
export function describeTime(
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

/** Actors wait for each other, and why no larger buffer helps. */
export function describeDeadlock(
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
      "it is withheld until the actor has ended well (retry), or until it is its turn (workers by key)",
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
