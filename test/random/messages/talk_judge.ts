/**
 * What a flow of messages owes: every message is handled, once or at least once, or it is told; each request has one
 * answer; and exit 0 means that nothing was lost.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../verify.ts";
import type { TalkCase } from "./talker.ts";
import { Counts, TalkNotes } from "./talk_notes.ts";

/** How a flow of messages ended. */
export interface TalkEnded {
  readonly code: number | null;
  readonly stderr: string;
  readonly folder: string;
}

/** What `--json` writes. */
interface Result {
  readonly exitCode: number;
  readonly failures: readonly {
    readonly kind: string;
    readonly count?: number;
    readonly messages?: number;
    readonly messageType?: string;
  }[];
}

interface Trial {
  readonly talk: TalkCase;
  readonly notes: TalkNotes;
  readonly ended: TalkEnded;
  readonly failures: Result["failures"];
  /** Something else than a lost message has ended the run. */
  readonly isCut: boolean;
}

/** Kinds of failures that a run goes on with. */
const GOES_ON = ["message", "unread", "envelope"];
/** Words of the talkers; what they ask, and the answers, are looked at by themselves. */
const ITEMS = ["", "Item", "Note", "Record"];

export function judgeTalk(talk: TalkCase, ended: TalkEnded): readonly Problem[] {
  const result = readResult(ended.stderr);
  if (result === undefined || ended.code !== result.exitCode || /internal error/.test(ended.stderr)) {
    return [{ kind: "exit", text: `exit ${ended.code}: ${ended.stderr}` }];
  }
  const { failures } = result;
  const isCut = failures.some(({ kind }) => !GOES_ON.includes(kind));
  const trial = { talk, notes: new TalkNotes(talk, ended.folder), ended, failures, isCut };
  const problems = [
    ...findRepeated(trial),
    ...findUntold(trial),
    ...findUnanswered(trial),
    ...findDisorder(trial),
    ...findUnwritten(trial),
    ...trial.notes.odd.slice(0, 3).map((line) => `odd: ${line}`),
  ];
  const isQuiet = talk.talkers.every(({ args }) => Object.keys(args.asks).length === 0);
  if (!talk.hasFaults && isQuiet && ended.code !== 0) problems.push(`exit ${ended.code} without a fault`);
  return problems.map((text) => ({
    kind: "bytes",
    text: `${text}; ${JSON.stringify(failures).slice(0, 500)}`,
  }));
}

function readResult(stderr: string): Result | undefined {
  const line = stderr.split("\n").findLast((each) => each.startsWith("{") && each.includes('"exitCode"'));
  return line === undefined ? undefined : JSON.parse(line) as Result;
}

/** Handled twice, which only a failure at least once may bring; or never sent. */
function findRepeated({ talk, notes, isCut }: Trial): readonly string[] {
  const mayRepeat = talk.talkers.filter(({ name, flow }) =>
    flow["delivery"] === "at-least-once" && (notes.crashes.get(name) > 0 || isCut)
  ).map(({ name }) => name);
  return [...notes.handled.byKey].flatMap(([key, count]) => {
    const sent = notes.sent.get(key);
    const isAllowed = count <= sent || sent > 0 && mayRepeat.includes(key.split(" ")[1] ?? "");
    return isAllowed ? [] : `handled ${count} times, sent ${sent} times: ${key}`;
  });
}

/** Lost, and not told, or told and not lost. */
function findUntold({ talk, notes, ended, failures, isCut }: Trial): readonly string[] {
  const missing = listMissing(talk, notes);
  const told = failures.filter(({ kind, messageType = "" }) =>
    kind === "message" && ITEMS.includes(messageType)
  )
    .reduce((sum, { count = 0 }) => sum + count, 0);
  const unread = failures.reduce((sum, { messages = 0 }) => sum + messages, 0);
  const known = told + notes.letters.total;
  const hasFailed = notes.crashes.total > 0 || notes.isFinished || isCut;
  return [
    ...(missing.length > notes.letters.total && ended.code === 0
      ? [`${missing.length} are lost with exit 0, such as ${missing.slice(0, 5)}`]
      : []),
    ...(missing.length > known + unread && !isCut
      ? [`${missing.length} are lost, ${known} told: ${missing.slice(0, 5)}`]
      : []),
    // Of one that has failed nobody knows everything; and what a mailbox turns away is told, and missed by nobody.
    ...(known > missing.length && !hasFailed && turningOf(talk).length === 0
      ? [`${missing.length} are lost, ${known} told`]
      : []),
  ];
}

/** Whose mailboxes turn messages away. */
function turningOf({ talkers }: TalkCase): readonly string[] {
  return talkers.filter(({ overflow }) => overflow === "reject" || overflow === "drop-oldest")
    .map(({ name }) => name);
}

/** What was sent and not handled, but for what mailboxes are told to turn away. */
function listMissing(talk: TalkCase, notes: TalkNotes): readonly string[] {
  if (notes.isFinished) return [];
  const turning = turningOf(talk);
  return [...notes.sent.byKey].flatMap(([key, count]) => {
    const missing = turning.includes(key.split(" ")[1] ?? "") ? 0 : count - notes.handled.get(key);
    return missing > 0 ? new Array<string>(missing).fill(key) : [];
  });
}

/** A request whose asker was there until the end has one answer; no other has more. */
function findUnanswered({ notes, isCut }: Trial): readonly string[] {
  return [...notes.asked].flatMap((ask) => {
    const count = notes.answered.get(ask);
    const wasThere = notes.ended.has(ask.split("-").slice(0, 2).join("-")) && !isCut && !notes.isFinished;
    return count > 1 || count === 0 && wasThere ? `request ${ask} has ${count} answers` : [];
  });
}

/** A single process that has never failed handles the records of a stream in their order. */
function findDisorder({ talk, notes }: Trial): readonly string[] {
  return talk.talkers.flatMap(({ name, supervisor }) => {
    const order = notes.records.get(name) ?? [];
    const isOrdered = order.every((n, at) => at === 0 || n > (order[at - 1] ?? 0));
    const isOwed = supervisor.type === "singleton" && supervisor.idle === undefined &&
      notes.crashes.get(name) === 0;
    return isOwed && !isOrdered ? `out of order at ${name}: ${order.slice(0, 40)}` : [];
  });
}

/** What actors have written to their streams is there when the run has ended well. */
function findUnwritten({ talk, notes, ended: { code, folder } }: Trial): readonly string[] {
  if (code !== 0) return [];
  const written = new Counts();
  for (const { name } of talk.talkers.filter(({ args }) => args.out)) {
    const lines = readFileSync(join(folder, "out", name), "utf8").split("\n");
    for (const line of lines) if (/^\d+$/.test(line)) written.add(`${name} ${line}`);
  }
  return [...notes.out.byKey].flatMap(([key, count]) =>
    written.get(key) === count ? [] : `${key} is written ${written.get(key)} times, not ${count}`
  );
}
