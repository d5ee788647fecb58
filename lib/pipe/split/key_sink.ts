/**
 * Who takes what belongs to keys.
 */
import type { NumberedKey } from "./key_path.ts";

export interface KeySink {
  /** A key has come that was not there before. Throws a SplitProblem when it cannot be one. */
  begin(key: NumberedKey): void;
  /** Takes what has come for a key, in some pieces; each is good until the next one. Throws the system's error. */
  write(index: number, read: (give: (bytes: Uint8Array) => void) => void): void;
}
