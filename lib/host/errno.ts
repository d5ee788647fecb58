/**
 * Errors of the system: what an error's code is, and what it says. Whatever else is thrown is a bug.
 */
import { constants } from "node:os";

/** By number; of two names for one number the first. */
const CODES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).reverse().map(([code, number]) => [number, code]),
);

/** What people meet; the others are told by their code alone. */
const TEXTS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "resource temporarily unavailable (see ulimit -u)",
  EDQUOT: "disk quota exceeded",
  EFBIG: "file too large",
  EIO: "input/output error",
  EISDIR: "is a directory",
  EMFILE: "too many open files (see ulimit -n)",
  ENFILE: "too many open files in the system",
  ENOENT: "no such file or directory",
  ENOMEM: "out of memory",
  ENOSPC: "no space left on device",
  ENXIO: "no such device or address",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/** An error of the system, with the name of its number. */
export interface SystemError extends Error {
  readonly code: string;
}

/** The name of an error's number, such as `ENOENT`; undefined for what is no error of the system. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!("code" in error) || typeof error.code !== "string") {
    // Deno tells some errors by their number alone.
    const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
    return number === undefined ? undefined : nameErrno(Number(number));
  }
  // Some errors have no name in the tables of Node and Deno, only their number.
  if (UNNAMED.test(error.code)) {
    return "errno" in error && typeof error.errno === "number"
      ? nameErrno(Math.abs(error.errno))
      : "EUNKNOWN";
  }
  // The runtimes have codes of their own, such as ERR_INVALID_ARG_TYPE: those are mistakes of a program.
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

const UNNAMED = /^(Unknown system error -?\d+|UNKNOWN)$/;

export function isSystemError(error: unknown): error is SystemError {
  return codeOf(error) !== undefined;
}

/** What ELOOP means to people. */
export const LINKS_RING = "its links lead round in a ring";

/** What the system says of its error, and of which call and which file. */
export function messageOf(error: SystemError): string {
  const { message } = systemError(codeOf(error) ?? "EUNKNOWN");
  return error.message.replace(
    /^(Unknown system error -\d+: Unknown system error -\d+|UNKNOWN: unknown error)/,
    message,
  );
}

/** True when it is one of these errors of the system. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error);
  return code !== undefined && codes.includes(code);
}

/** The name of a number that the system gave. */
export function nameErrno(number: number): string {
  return CODES.get(number) ?? `E${number}`;
}

/** The error of a call into the system that has failed. */
export function systemError(code: string, call?: string): SystemError {
  const text = TEXTS[code];
  const message = text === undefined ? code : `${code}: ${text}`;
  return Object.assign(new Error(call === undefined ? message : `${message}, ${call}`), { code });
}
