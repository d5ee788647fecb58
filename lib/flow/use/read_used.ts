/**
 * The text of a flow that is used: a file beside the one that uses it, or one of those that come with sluice.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { PlacedIssue } from "../../core/issue.ts";
import { FLOW_FILE_BYTES_MAX } from "../../core/limits/flow.ts";
import { ownPath } from "../../host/own_files.ts";
import { decodeText, readWhole } from "../../host/files/read_whole.ts";
import { parseFlowText } from "../read/flow_text.ts";
import { readReason } from "../read/read_reason.ts";

/** `sluice:words` is `flows/words.json` of the program. */
const OWN = "sluice:";

export type UsedFile =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  /** Mistakes of its text, with their places. */
  | { readonly ok: false; readonly issues: readonly PlacedIssue[] }
  /** Why there is none. */
  | { readonly ok: false; readonly reason: string };

/** The absolute path of what `use` names; the names that there are instead of one that is not there. */
export function findUsed(use: string, folder: string): string | { readonly names: readonly string[] } {
  if (!use.startsWith(OWN)) return resolve(folder, use);
  const own = ownFolder();
  const path = own === undefined ? undefined : join(own, `${use.slice(OWN.length)}.json`);
  if (path !== undefined && /^[\w-]+$/.test(use.slice(OWN.length)) && existsSync(path)) return path;
  return { names: listOwn(own) };
}

/** In the source tree, and in the npm package, which is as deep. */
function ownFolder(): string | undefined {
  return ownPath("flows/", new URL("../../../flows/", import.meta.url));
}

function listOwn(folder: string | undefined): readonly string[] {
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json")).sort()
    .map((name) => `${OWN}${basename(name, ".json")}`);
}

/** Reads and parses it; `shown` is its name for people. */
export function readUsed(path: string, shown: string): UsedFile {
  let bytes: Uint8Array;
  try {
    bytes = readWhole(path, FLOW_FILE_BYTES_MAX);
  } catch (error) {
    return { ok: false, reason: readReason(error) };
  }
  const text = decodeText(bytes);
  if (text === undefined) return { ok: false, reason: "it is no text in UTF-8 (expected JSON in UTF-8)" };
  const parsed = parseFlowText(text, { file: shown });
  if (!parsed.ok) return parsed;
  if (parsed.slips.length > 0) return { ok: false, issues: parsed.slips };
  return { ok: true, text, value: parsed.text.value };
}
