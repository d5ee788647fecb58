/** What a random flow of talkers is: see `talk_case.ts`, which draws it. */
import type { RuntimeName } from "../flow_case.ts";

export type CrashHow = "exit0" | "leave" | "exit3" | "kill" | "half" | "daemon";

export interface Crash {
  readonly how: CrashHow;
  readonly when: "before" | "after";
  readonly after: number;
  readonly times: number;
}

/** What one actor does, as its `args`, and what the flow says of it. */
export interface Talker {
  readonly name: string;
  readonly args: {
    readonly ack: "none" | "single" | "backward" | "twice" | "unknown" | "reply";
    readonly words: boolean;
    /** It acknowledges messages of the type `Note`, too. */
    readonly notes: boolean;
    readonly batch: number;
    readonly to: readonly { readonly line: object; readonly receivers: readonly string[] }[];
    readonly out: boolean;
    readonly noise: Readonly<Record<string, readonly string[]>>;
    readonly asks: Readonly<Record<string, readonly object[]>>;
    readonly answers: readonly string[];
    readonly askMs: number;
    readonly delay: number;
    readonly keys: number;
    readonly letters?: boolean;
    readonly timers: Readonly<Record<string, readonly object[]>>;
    /** After so many messages it says that the run is over; 0 for never. */
    readonly finish: number;
    readonly crash?: Crash;
  };
  /** It reads more than a line at once. */
  readonly isAhead: boolean;
  readonly supervisor: {
    readonly type: string;
    readonly idle?: string;
    readonly size?: number;
  };
  readonly overflow: string;
  readonly flow: Readonly<Record<string, unknown>>;
}

export interface TalkCase {
  readonly seed: number;
  readonly runtime: RuntimeName;
  readonly records: number;
  readonly heads: readonly string[];
  readonly talkers: readonly Talker[];
  readonly hasLetters: boolean;
  readonly hasFaults: boolean;
}
