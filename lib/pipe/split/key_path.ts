/**
 * The path of a key's file, and why a key has none.
 */
import { Buffer } from "node:buffer";
import type { KeyedPath } from "../../core/flow.ts";
import { FILE_NAME_BYTES_MAX, FILE_PATH_BYTES_MAX } from "../../core/limits/split.ts";

/** A key of a split, and which it is, from 0. */
export interface NumberedKey {
  readonly key: string;
  readonly index: number;
}

/** The path with the key in its place. */
export function pathOfKey(path: KeyedPath, { key, index }: NumberedKey): string {
  return path.map((piece) => typeof piece === "string" ? piece : piece.of === "key" ? key : index).join("");
}

const REMEDY = "expected a key that can be the name of a file, or {key.index}, its number, in the name";

/** Why a key can have no file of that path; undefined when it can. */
export function problemOfKey(path: KeyedPath, numbered: NumberedKey): string | undefined {
  const { key } = numbered;
  const isNamed = path.some((piece) => typeof piece !== "string" && piece.of === "key");
  if (!isNamed) return undefined;
  if (key === "") return `its key is empty (${REMEDY})`;
  const shown = `its key ${JSON.stringify(key)}`;
  if (key.includes("/")) return `${shown} has a slash (${REMEDY})`;
  if (key.includes("\0")) return `${shown} has a NUL character (${REMEDY})`;
  if (key.includes("\ufffd")) return `${shown} is no text in UTF-8 (${REMEDY})`;
  const whole = pathOfKey(path, numbered);
  const names = whole.split("/");
  if (names.some((name) => name === "." || name === "..")) {
    return `${shown} leads to another folder (${REMEDY})`;
  }
  const isLong = names.some((name) => Buffer.byteLength(name) > FILE_NAME_BYTES_MAX) ||
    Buffer.byteLength(whole) > FILE_PATH_BYTES_MAX;
  return isLong ? `${shown} makes the name of its file too long (${REMEDY})` : undefined;
}
