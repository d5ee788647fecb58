/**
 * A message that waits.
 */
import type { Part } from "../../data/byte_buffer.ts";

/** Who can be made to wait. */
export interface MailSender {
  /** It is not read: something of it has no room. */
  readonly isPaused: boolean;
}

/** `bytes` from `start` to `end` are the whole line, with its line break. */
export interface Mail extends Part {
  /** The engine's own number of it. */
  readonly number: number;
  /** Its identity, when its sender gave it one. */
  readonly id?: string | undefined;
  readonly priority: number;
  readonly type: string;
  /** Who sent it: an address, `$…`, or empty for a record of a stream. */
  readonly sender: string;
  readonly from?: MailSender | undefined;
  /** The instance of a keyed actor that it is for. */
  readonly key?: string | undefined;
  /** True when its sender waits for the answer. */
  readonly isAsk?: boolean;
  /** It answers something. */
  readonly isAnswer?: boolean;
  /** Called when it is given to a process. */
  readonly onGiven?: (() => void) | undefined;
  /** Which record of the stream it is, from 1, when it is one. */
  readonly record?: number;
  /** The journal's number of it, when it is kept there. */
  row?: number;
  /** How often it was given to a process. */
  deliveries: number;
}

/** What a message has that says nothing else. */
export const PRIORITY_NORMAL = 128;
