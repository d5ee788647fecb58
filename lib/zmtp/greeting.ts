/**
 * The first 64 bytes of each side (ZMTP 3.0 and 3.1, RFC 23 and 37):
 *
 *   ff 00 00 00 00 00 00 00 01 7f │ 03 01 │ "NULL" and zeros to 20 bytes │ as-server │ 31 zeros
 *   signature                       version  mechanism
 */

export const GREETING_BYTES = 64;

const MECHANISM = 12;
const MECHANISM_BYTES = 20;
/** Up to here it is seen at once whether somebody speaks ZMTP. */
const SIGNATURE_BYTES = 10;

/** What a peer says of itself. `heartbeats`: it knows PING and PONG (3.1). */
export type Greeting =
  | { readonly is: "partial" }
  | { readonly is: "whole"; readonly heartbeats: boolean }
  | { readonly is: "wrong"; readonly reason: string };

/** Our own, with the NULL mechanism. */
export function makeGreeting(): Uint8Array {
  const greeting = new Uint8Array(GREETING_BYTES);
  greeting[0] = 0xff;
  greeting[8] = 1;
  greeting[9] = 0x7f;
  greeting[10] = 3;
  greeting[11] = 1;
  greeting.set(new TextEncoder().encode("NULL"), MECHANISM);
  return greeting;
}

/** Reads what has come of a peer's greeting; what is wrong with it is seen as early as can be. */
export function readGreeting(bytes: Uint8Array): Greeting {
  if (bytes.length > 0 && bytes[0] !== 0xff) return NO_ZMTP;
  if (bytes.length >= SIGNATURE_BYTES && ((bytes[9] ?? 0) & 1) !== 1) return NO_ZMTP;
  const major = bytes[SIGNATURE_BYTES] ?? 3;
  if (major < 3) {
    return { is: "wrong", reason: `it speaks version ${major} of ZMTP (expected 3.0 or later, of ZeroMQ 4)` };
  }
  if (bytes.length < GREETING_BYTES) return { is: "partial" };
  const name = new TextDecoder("latin1").decode(bytes.subarray(MECHANISM, MECHANISM + MECHANISM_BYTES))
    .replace(/\0+$/, "");
  if (name !== "NULL") {
    return { is: "wrong", reason: `it wants mechanism ${JSON.stringify(name)} (expected NULL)` };
  }
  return { is: "whole", heartbeats: major > 3 || (bytes[11] ?? 0) >= 1 };
}

const NO_ZMTP: Greeting = { is: "wrong", reason: "it does not speak ZMTP, the protocol of ZeroMQ" };
