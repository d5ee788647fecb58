/**
 * Writes envelopes as the engine passes them on: keys in one order, identity and sender set by the engine, the payload
 * as it came.
 */
import type { ByteBuffer } from "../../data/byte_buffer.ts";
import type { EnvelopeScanner } from "./envelope_scanner.ts";
import {
  CORRELATION_ID,
  ERROR,
  HEADERS,
  MESSAGE,
  NO_PAYLOAD,
  PARENT_ID,
  PRIORITY,
  ROUTE,
  TOPIC,
} from "./envelope_scanner.ts";

const encoder = new TextEncoder();

/** Optional keys, in the order in which they are written, before the payload. */
const OPTIONAL: readonly { readonly field: number; readonly key: Uint8Array }[] = [
  { field: CORRELATION_ID, key: encoder.encode(',"correlation_id":') },
  { field: PARENT_ID, key: encoder.encode(',"parent_id":') },
  { field: PRIORITY, key: encoder.encode(',"priority":') },
  { field: TOPIC, key: encoder.encode(',"topic":') },
  { field: ROUTE, key: encoder.encode(',"route":') },
  { field: HEADERS, key: encoder.encode(',"headers":') },
  { field: ERROR, key: encoder.encode(',"error":') },
];
const PAYLOAD = encoder.encode(',"message":');

/** Everything up to the identity: the same for all messages of one type from one actor to another. */
export function writeHead(
  { type, receiver, sender, endpoint }: {
    /** As JSON, with its quotes. */
    readonly type: string;
    readonly receiver: string;
    readonly sender: string;
    readonly endpoint: string;
  },
): Uint8Array {
  const [to, from, at] = [receiver, sender, endpoint].map((text) => JSON.stringify(text));
  return encoder.encode(
    `{"message_type":${type},"receiver":${to},"sender_actor":${from},"sender_endpoint":${at},"message_id":"`,
  );
}

/** A record of a stream as a message: nobody has sent it. */
export function writeRecord(
  out: ByteBuffer,
  { type, receiver, endpoint, id, payload }: {
    readonly type: string;
    readonly receiver: string;
    readonly endpoint: string;
    readonly id: Uint8Array;
    readonly payload: Uint8Array;
  },
): void {
  const [kind, to, at] = [type, receiver, endpoint].map((text) => JSON.stringify(text));
  out.put(encoder.encode(`{"message_type":${kind},"receiver":${to},"sender_endpoint":${at},"message_id":"`));
  out.put(id);
  out.put(RECORD_PAYLOAD);
  out.put(payload);
  out.put(CLOSE);
}

const RECORD_PAYLOAD = encoder.encode('","message":');
const CLOSE = encoder.encode("}\n");

/** A scanned line as it is passed on, with its line break. `id` is without quotes. */
export function writeEnvelope(
  out: ByteBuffer,
  { head, id, line, scanner }: {
    readonly head: Uint8Array;
    readonly id: Uint8Array;
    readonly line: Uint8Array;
    readonly scanner: EnvelopeScanner;
  },
): void {
  const { places } = scanner;
  const start = places[MESSAGE * 2] ?? -1;
  const end = places[MESSAGE * 2 + 1] ?? -1;
  let length = head.length + id.length + PAYLOAD.length + Math.max(end - start, NO_PAYLOAD.length) + 3;
  for (let at = 0; at < OPTIONAL.length; at++) {
    const field = OPTIONAL[at]?.field ?? 0;
    if ((places[field * 2] ?? -1) < 0) continue;
    length += (places[field * 2 + 1] ?? 0) - (places[field * 2] ?? 0) + (OPTIONAL[at]?.key.length ?? 0);
  }
  out.reserve(length);
  const { bytes } = out;
  let to = copy(bytes, out.end, head);
  to = copy(bytes, to, id);
  bytes[to++] = 0x22;
  for (let at = 0; at < OPTIONAL.length; at++) {
    const optional = OPTIONAL[at];
    if (optional === undefined || (places[optional.field * 2] ?? -1) < 0) continue;
    to = copy(bytes, to, optional.key);
    to = copyPart(bytes, to, {
      from: line,
      start: places[optional.field * 2] ?? 0,
      end: places[optional.field * 2 + 1] ?? 0,
    });
  }
  to = copy(bytes, to, PAYLOAD);
  to = start < 0 ? copy(bytes, to, NO_PAYLOAD) : copyPart(bytes, to, { from: line, start, end });
  bytes[to++] = 0x7d;
  bytes[to++] = 0x0a;
  out.end = to;
}

/** Shorter pieces are copied byte by byte: the call of a bulk copy costs more. */
const BULK_BYTES = 24;

function copy(to: Uint8Array, at: number, from: Uint8Array): number {
  if (from.length >= BULK_BYTES) to.set(from, at);
  else for (let index = 0; index < from.length; index++) to[at + index] = from[index] ?? 0;
  return at + from.length;
}

function copyPart(
  to: Uint8Array,
  at: number,
  { from, start, end }: { readonly from: Uint8Array; readonly start: number; readonly end: number },
): number {
  if (end - start >= BULK_BYTES) to.set(from.subarray(start, end), at);
  else for (let index = start; index < end; index++) to[at + index - start] = from[index] ?? 0;
  return at + end - start;
}

/** An envelope that the engine makes; its keys are written in the order in which they stand there. */
export interface EngineEnvelope {
  readonly message_type: string;
  readonly receiver: string;
  readonly sender_actor: string;
  readonly sender_endpoint: string;
  readonly message_id: string;
  readonly correlation_id?: string | undefined;
  readonly parent_id?: string | undefined;
  readonly priority?: number | undefined;
  readonly route?: unknown;
  readonly headers?: unknown;
  readonly error?: EnvelopeError | undefined;
  readonly message: unknown;
}

/** The envelope as a line, with its line break. */
export function formatEnvelope(envelope: EngineEnvelope): Uint8Array {
  return encoder.encode(`${JSON.stringify(envelope)}\n`);
}

/** What a reply that reports failure carries. */
export interface EnvelopeError {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}
