/**
 * Part of the check of `out`: from the name of a file to the file.
 */
import { resolve } from "node:path";
import type { FileOfMember } from "../../core/flow.ts";
import type { JsonPath } from "../../core/issue.ts";
import type { Member } from "../expand/member.ts";
import { quote } from "../schema/names.ts";
import type { CheckContext } from "./check_context.ts";
import { fillParams, type Params } from "./check_params.ts";

export interface TargetSite {
  readonly path: JsonPath;
  readonly params: Params;
  readonly check: CheckContext;
}

export interface Target {
  /** `-`, or an absolute path. */
  readonly target: string;
  /** What people call it, in quotes. */
  readonly shown: string;
  readonly members?: ReadonlyMap<string, Member>;
  readonly of?: string;
  /** It is a file for each member of a set of a stream. */
  readonly stream?: {
    readonly set: string;
    /** All that are named, that one too. */
    readonly sets: readonly string[];
    readonly fileOf: FileOfMember;
  };
}

/** `-`, or an absolute path; undefined when it is reported to be wrong. */
export function checkTarget(text: string, { path, params, check }: TargetSite): string | undefined {
  const shown = { ...params, refused: "the name of a file is seen by all" };
  const filled = fillParams(text, { path, params: shown, check });
  if (filled === undefined || filled === "-") return filled;
  if (filled === "") {
    check.report({
      path,
      message: `Cannot write ${quote(text)}: its path is empty (expected a file, or "-" for standard output)`,
      at: "key",
    });
    return undefined;
  }
  if (/(?:^|\/)\.{0,2}$/.test(filled)) {
    check.report({
      path,
      message: `Cannot write ${quote(text)}: it is a folder (expected a file)`,
      at: "key",
    });
    return undefined;
  }
  return resolve(check.folder, filled);
}
