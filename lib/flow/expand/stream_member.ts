/**
 * From a record of a stream to a member of its set.
 */
import type { MemberRecord } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import { MEMBER_KEY_LENGTH_MAX } from "../../core/limits/sets.ts";
import type { CheckContext } from "../check/check_context.ts";
import { quote } from "../schema/names.ts";
import {
  fieldOf,
  INDEX,
  type Member,
  type MemberSet,
  parseMember,
  type RawMember,
  type StreamSet,
  toText,
} from "./member.ts";

export type StreamMemberSet = MemberSet & { readonly stream: StreamSet };

export function isOfStream(set: MemberSet): set is StreamMemberSet {
  return set.stream !== undefined;
}

/** A check of one member while the flow runs: what is wrong with it stands beside. */
export function quietCheck(check: CheckContext, issues: FlowIssue[]): CheckContext {
  return {
    ...check,
    isOfRecord: true,
    files: new Set(),
    folders: new Set(),
    issues,
    report: (issue) => void issues.push(issue),
    closest: () => undefined,
  };
}

/** The member that a record is; or why it is none. */
export function toMember(
  record: MemberRecord,
  { set: { name, stream }, index }: { readonly set: StreamMemberSet; readonly index: number },
): Member | string {
  const where = `record ${index + 1} of set ${quote(name)}`;
  if ("problem" in record) return `${where} ${record.problem}`;
  const raw = stream.keysOf === undefined ? toRaw(record.text, where) : toKey(record.text, where);
  const field = stream.key ?? (raw.value === undefined ? [...raw.fields.keys()][0] : undefined);
  const key = field === undefined ? raw.value : fieldOf({ ...raw, index, key: "" }, field);
  if (key === undefined) {
    return `${where} has no ${
      quote(field ?? "field")
    } (expected "key": a field that all have, or "${INDEX}")`;
  }
  if ([raw.value ?? "", ...raw.fields.values()].some((text) => text.includes("\0"))) {
    return `${where} has a NUL character (expected none)`;
  }
  // A long line is a long argument; only who asks for a name gets it, or is told.
  if (key.length <= MEMBER_KEY_LENGTH_MAX) return { ...raw, index, key };
  if (stream.key !== undefined) {
    return `${where} has a key of ${key.length} characters (expected at most ${MEMBER_KEY_LENGTH_MAX}; "key": "${INDEX}" names them by their numbers)`;
  }
  return { ...raw, index, key: String(index) };
}

/** A key, as the split tells it. */
function toKey(text: string, where: string): RawMember {
  return { value: toText(JSON.parse(text)), fields: new Map(), where };
}

/** The fields of a JSON object; any other line is a value. */
function toRaw(text: string, where: string): RawMember {
  if (text.startsWith("{")) {
    try {
      return parseMember(text, where);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return { value: text, fields: new Map(), where };
}
