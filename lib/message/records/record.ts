/**
 * What a record is when the bytes of a stream become messages: the bytes between two line breaks, as UTF-8.
 *
 *   beginning: a byte order mark at the very beginning of the stream is no part of it
 *   end:       a carriage return before the line break belongs to the line break; the last line may have none
 *   payload:   JSON as it is written, else the line as a string; what is no UTF-8 can be neither
 */
import { isUtf8 } from "node:buffer";
import { skipBlanks, skipValue, takeBits } from "../../data/json_scan.ts";

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const CARRIAGE_RETURN = 0x0d;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where the first record begins: behind the byte order mark. */
export function skipMark(bytes: Uint8Array, start: number): number {
  return BYTE_ORDER_MARK.every((byte, at) => bytes[start + at] === byte)
    ? start + BYTE_ORDER_MARK.length
    : start;
}

/** The payload of the record from `start` to `end`, where its line break is; undefined when it is no UTF-8. */
export function readRecord(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  takeBits();
  const from = skipBlanks(bytes, start);
  const close = from < end ? skipValue(bytes, from) : -1;
  const isJson = close >= 0 && close <= end && skipBlanks(bytes, close) >= end;
  if (isJson && takeBits() <= 0x7f) return bytes.slice(from, close);
  if (!isUtf8(bytes.subarray(start, end))) return undefined;
  if (isJson) return bytes.slice(from, close);
  const last = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
  return encoder.encode(JSON.stringify(decoder.decode(bytes.subarray(start, last))));
}
