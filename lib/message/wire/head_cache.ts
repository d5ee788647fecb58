/**
 * What a process's messages of one type to one receiver have in common, found again by their bytes.
 */
import type { EnvelopeScanner } from "./envelope_scanner.ts";
import { MESSAGE_TYPE, RECEIVER } from "./envelope_scanner.ts";

export interface Head<Target> {
  /** The envelope up to its identity. */
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly target: Target;
}

interface Entry<Target> {
  readonly type: Uint8Array;
  readonly receiver: Uint8Array;
  readonly head: Head<Target>;
}

const ENTRIES = 64;
/** Longer names are not worth it. */
const LENGTH_MAX = 256;

export class HeadCache<Target = unknown> {
  #entries: (Entry<Target> | undefined)[] | undefined;

  /** The head for the line just scanned; `make` is asked when it is not known. */
  find(bytes: Uint8Array, scanner: EnvelopeScanner, make: () => Head<Target>): Head<Target> {
    const { places } = scanner;
    const type = places[MESSAGE_TYPE * 2] ?? -1;
    const typeEnd = places[MESSAGE_TYPE * 2 + 1] ?? 0;
    const receiver = places[RECEIVER * 2] ?? -1;
    const receiverEnd = places[RECEIVER * 2 + 1] ?? 0;
    if (type < 0 || receiver < 0 || typeEnd - type + receiverEnd - receiver > LENGTH_MAX) return make();
    let hash = 0;
    for (let at = type; at < typeEnd; at++) hash = Math.imul(hash, 31) + (bytes[at] ?? 0) | 0;
    for (let at = receiver; at < receiverEnd; at++) hash = Math.imul(hash, 31) + (bytes[at] ?? 0) | 0;
    const place = (hash ^ (hash >>> 12)) & (ENTRIES - 1);
    this.#entries ??= new Array<Entry<Target> | undefined>(ENTRIES).fill(undefined);
    const known = this.#entries[place];
    if (
      known !== undefined && isSame(bytes, { start: type, end: typeEnd, as: known.type }) &&
      isSame(bytes, { start: receiver, end: receiverEnd, as: known.receiver })
    ) return known.head;
    const head = make();
    this.#entries[place] = {
      type: bytes.slice(type, typeEnd),
      receiver: bytes.slice(receiver, receiverEnd),
      head,
    };
    return head;
  }

  /** Forgets everything: who is there has changed. */
  clear(): void {
    this.#entries = undefined;
  }
}

function isSame(
  bytes: Uint8Array,
  { start, end, as }: { readonly start: number; readonly end: number; readonly as: Uint8Array },
): boolean {
  if (end - start !== as.length) return false;
  for (let at = 0; at < as.length; at++) if (bytes[start + at] !== as[at]) return false;
  return true;
}
