/**
 * What has to outlive the engine: messages that were accepted for actors with at-least-once and not yet handled, the
 * states that actors have saved, and how many records of a stream were taken. What was noted lasts from the next
 * `commit` on, all of it or nothing: a message is gone only together with what was sent while it was handled.
 */
import type { Mail } from "./mail.ts";

export interface JournaledMail {
  /** The journal's number of it. */
  readonly row: number;
  readonly actor: string;
  readonly key?: string;
  readonly id: string;
  readonly type: string;
  readonly sender: string;
  readonly priority: number;
  readonly line: Uint8Array;
}

export interface Journal {
  /** Notes a message; gives the journal's number of it, undefined when it cannot be written any more. */
  accept(mail: Mail, place: Pick<JournaledMail, "actor" | "id" | "key">): number | undefined;
  /** It was handled, or given up. */
  remove(row: number): void;
  save(address: string, json: string): void;
  /** So many records of the stream that comes to an actor were taken. */
  noteRecords(actor: string, count: number): void;
  commit(): void;
  close(): void;
}

/** What an engine before this one has left. */
export interface Leftover {
  /** In the order in which they were accepted. */
  readonly mails: readonly JournaledMail[];
  /** The state of an instance, as JSON. */
  readonly stateOf: (address: string) => string | undefined;
  readonly records: ReadonlyMap<string, number>;
}

export const NOTHING_LEFT: Leftover = { mails: [], stateOf: () => undefined, records: new Map() };
