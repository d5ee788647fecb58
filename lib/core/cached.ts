/**
 * What the cache keeps of an actor that has run: its output, by content, under a key of everything that it depends on.
 */

/** One stream of an entry. */
export interface CachedStream {
  readonly port: string;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string;
  readonly size: number;
}

export interface CacheEntry {
  readonly key: string;
  readonly actor: string;
  readonly flow: string;
  /** As people write it. */
  readonly command: string;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** When it was made and when it was used last, in milliseconds since the epoch. */
  readonly madeAt: number;
  readonly usedAt: number;
  readonly streams: readonly CachedStream[];
}
