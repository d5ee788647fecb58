/**
 * The sentence at the top of the page: how a run stands, and why it is not faster.
 */
import { formatDuration } from "../text/format_duration.ts";
import type { PageActor } from "./page_actor.ts";
import type { PageRun } from "./page_run.ts";
import type { Weight } from "./weigh_actors.ts";
import { isProcess, weighActors } from "./weigh_actors.ts";

export interface Explanation {
  readonly mood: "fine" | "slow" | "bad";
  /** One or two sentences. */
  readonly text: string;
  /** Who is meant. */
  readonly actors: readonly string[];
  /** What it was decided by. */
  readonly weights: readonly Weight[];
}

/** An actor is busy when it waits for less than half of its time. */
const BUSY_MIN = 0.5;
/** Others have to have waited for it for so much of the time that was looked at. */
const HELD_UP_MIN = 0.2;
const HELD_UP_MIN_MS = 300;

export function explainRun(run: PageRun): Explanation {
  const weights = weighActors(run);
  const found = explainEnd(run) ?? explainMailbox(run) ?? explainPace(run, weights) ?? explainRest(run);
  return { ...found, weights: weights.slice(0, 5) };
}

type Found = Omit<Explanation, "weights">;

function explainEnd({ run, rings, failures }: PageRun): Found | undefined {
  if (run.state === "paused") {
    return { mood: "slow", text: "Paused: all processes are halted.", actors: [] };
  }
  const deadlock = rings.findLast(({ kind }) => kind === "deadlock");
  if (deadlock !== undefined) {
    const ring = deadlock.actors.map((name, at) =>
      `${name} waits for ${deadlock.actors[(at + 1) % deadlock.actors.length]}`
    );
    return { mood: "bad", text: `Deadlock: ${ring.join(", ")}.`, actors: deadlock.actors };
  }
  const [first] = failures;
  if (first === undefined) return undefined;
  const line = first.text.split("\n").find((each) => each.trim() !== "") ?? first.kind;
  return {
    mood: "bad",
    text: `${run.endedAt === undefined ? "A failure" : "Failed"}: ${line.trim()}${
      failures.length > 1 ? ` (and ${failures.length - 1} more)` : ""
    }`,
    actors: first.actor === undefined ? [] : [first.actor],
  };
}

/** Full mailboxes hold up those that send. */
function explainMailbox({ run, actors }: PageRun): Found | undefined {
  if (run.endedAt !== undefined) return undefined;
  const full = actors.filter(({ messages }) =>
    messages?.queued !== undefined && messages.size !== undefined && messages.size > 0 &&
    messages.queued >= messages.size
  );
  const [worst] = full.toSorted((a, b) => (b.messages?.queued ?? 0) - (a.messages?.queued ?? 0));
  if (worst?.messages === undefined) return undefined;
  const handles = worst.messages.handleP50Ms;
  return {
    mood: "slow",
    text: `${worst.name} sets the pace: its mailbox is full (${worst.messages.queued} messages wait)${
      handles === undefined ? "" : `, one takes it ${formatDuration(handles)}`
    }.`,
    actors: [worst.name],
  };
}

function explainPace(run: PageRun, weights: readonly Weight[]): Found | undefined {
  const [first] = weights;
  if (first === undefined || !isHeldUp(run, first)) return undefined;
  const isOver = run.run.endedAt !== undefined;
  const waiting = [
    ...first.fullMs > 0 ? [`its input ${isOver ? "was" : "is"} full`] : [],
    ...first.emptyMs > 0 ? [`what reads it ${isOver ? "had" : "has"} to wait`] : [],
  ].join(" and ");
  const actor = run.actors.find(({ name }) => name === first.name);
  if (actor === undefined) {
    const who = first.name === "-" ? "Who reads standard output" : `What takes ${first.name}`;
    return { mood: "slow", text: `${who} ${isOver ? "was" : "is"} slow: ${waiting}.`, actors: [] };
  }
  if (!isProcess(actor)) {
    return {
      mood: "slow",
      text: `${actor.name} (${actor.command}) ${isOver ? "set" : "sets"} the pace: ${waiting}.`,
      actors: [actor.name],
    };
  }
  return {
    mood: "slow",
    text: `${actor.name} ${isOver ? "set" : "sets"} the pace: it ${isOver ? "worked" : "works"} ${
      percent(first.busy ?? 1)
    } of the time while ${waiting}.${adviseOn(first, actor, isOver)}`,
    actors: [actor.name],
  };
}

function isHeldUp({ run }: PageRun, { busy = 1, score }: Weight): boolean {
  const lasted = (run.endedAt ?? run.at) - run.startedAt;
  return busy >= BUSY_MIN && score >= HELD_UP_MIN_MS && score >= HELD_UP_MIN * Math.min(lasted, 10_000);
}

function adviseOn({ cpu }: Weight, { workers }: PageActor, isOver: boolean): string {
  if (cpu === undefined) return "";
  if (cpu > 0.8 * (workers?.count ?? 1)) {
    return ` It ${isOver ? "used" : "uses"} ${percent(cpu)} of a processor: ${
      workers === undefined ? "workers" : "more workers"
    } may help.`;
  }
  return cpu < 0.3
    ? ` It ${isOver ? "used" : "uses"} only ${
      percent(cpu)
    } of a processor: something outside the flow holds it up (a disk, a network, other programs).`
    : "";
}

function explainRest({ run, actors }: PageRun): Found {
  const running = actors.filter(({ state }) => state === "running").length;
  const lasted = formatDuration((run.endedAt ?? run.at) - run.startedAt);
  if (run.state === "running" || run.state === "stopping") {
    const starting = actors.filter(({ state }) => state === "waiting").length;
    const text = running === 0 && starting > 0
      ? "Nothing runs yet."
      : "No actor holds the others up: nobody has waited for long.";
    return { mood: "fine", text: run.state === "stopping" ? "It is being stopped." : text, actors: [] };
  }
  if (run.state === "stopped") return { mood: "slow", text: `Stopped after ${lasted}.`, actors: [] };
  const cached = actors.filter((actor) => actor.cached === true).length;
  return {
    mood: "fine",
    text: `Done in ${lasted}: no actor held the others up.${
      cached === 0 ? "" : ` ${cached} of ${actors.length} actors were taken from the cache.`
    }`,
    actors: [],
  };
}

/** `97 %` */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
