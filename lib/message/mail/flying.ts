/**
 * A message that is on its way to a process.
 */
import type { Mail, MailSender } from "./mail.ts";

/**
 * `open`: its acknowledgement is waited for; `read`: given to a process that acknowledges nothing, and read;
 * `answered`: it may still be acknowledged; `word`: of the engine, which need not be.
 */
export type FlyingState = "open" | "read" | "answered" | "word";

export interface Flying {
  readonly number: number;
  /** Its identity, when its sender gave it one: an actor may pass on what it was given, with its identity. */
  readonly id: string | undefined;
  /** How many messages were given before it, and with it; a word of the engine is none. */
  readonly order: number;
  /** The bytes that were given before it, and with it, in all. */
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly from: MailSender | undefined;
  /** It answers something. */
  readonly isAnswer: boolean;
  readonly isWord: boolean;
  /** The message, where it may have to go elsewhere. */
  mail: Mail | undefined;
  /** It has to be handled: if this process does not, by the next. */
  isOwed: boolean;
  /** Its sender waits for the answer, and is told when there is none. */
  readonly isAsk: boolean;
  state: FlyingState;
  /** Called when it is acknowledged. */
  then: (() => void) | undefined;
}

/** What is given to a process. */
export interface Giving {
  readonly bytes: number;
  readonly now: number;
  readonly type: string;
  readonly from?: MailSender | undefined;
  readonly id?: string | undefined;
  readonly mail?: Mail | undefined;
  readonly isOwed?: boolean;
  readonly isAsk?: boolean;
  readonly isWord?: boolean;
  readonly isAnswer?: boolean;
  /** Called when it is acknowledged. */
  readonly then?: (() => void) | undefined;
}
