/**
 * Part of the check of a set: each member gets the key by which its instances are called.
 */
import { MEMBER_KEY_LENGTH_MAX } from "../../core/limits/sets.ts";
import { quote } from "../schema/names.ts";
import type { SetSite } from "./set_site.ts";
import { INDEX, type Member, type RawMember, type RawSet } from "./member.ts";

/** Gives each member its key; undefined when it is reported that they have none, or are no texts for a process. */
export function nameMembers(raw: RawSet, site: SetSite): readonly Member[] | undefined {
  const { name, shape, check } = site;
  if (shape.broken.has("key")) return undefined;
  const field = shape.keys.key ?? raw.fields[0];
  const place = shape.keys.key === undefined
    ? { path: ["sets", name], at: "key" } as const
    : { path: ["sets", name, "key"] };
  const fail = (message: string): undefined => check.report({ ...place, message }) as undefined;
  if (
    shape.keys.key !== undefined && raw.members.length > 0 && ![...raw.fields, INDEX].includes(shape.keys.key)
  ) {
    const meant = check.closest(shape.keys.key, [...raw.fields, INDEX]);
    const remedy = meant === undefined
      ? `expected one of ${[...raw.fields, INDEX].join(", ")}`
      : `did you mean ${quote(meant)}?`;
    return fail(
      `Cannot name the members of set ${quote(name)} by ${
        quote(shape.keys.key)
      }: they have no such field (${remedy})`,
    );
  }
  const members: Member[] = [];
  const seen = new Map<string, RawMember>();
  for (const [index, member] of raw.members.entries()) {
    const key = keyOf(member, { index, field, isGiven: shape.keys.key !== undefined });
    if (key === undefined) {
      return fail(
        `Cannot name the members of set ${quote(name)}: ${member.where} has no ${
          quote(field ?? "")
        } (expected "key": a field that all have, or "index")`,
      );
    }
    const other = seen.get(key);
    if (other !== undefined) {
      return fail(
        `Cannot name the members of set ${quote(name)}: ${other.where} and ${member.where} are both ${
          quote(key)
        } (${uniqueRemedy(raw)})`,
      );
    }
    if (key.length > MEMBER_KEY_LENGTH_MAX) {
      return fail(
        `Cannot name the members of set ${quote(name)}: ${
          quote(key)
        } is too long (expected at most ${MEMBER_KEY_LENGTH_MAX} characters; "key": "index" names them by their numbers)`,
      );
    }
    if ([member.value ?? "", ...member.fields.values()].some((text) => text.includes("\0"))) {
      return fail(`Cannot use set ${quote(name)}: ${member.where} has a NUL character (expected none)`);
    }
    seen.set(key, member);
    members.push({ ...member, index, key });
  }
  return members;
}

function keyOf(
  member: RawMember,
  { index, field, isGiven }: {
    readonly index: number;
    readonly field: string | undefined;
    readonly isGiven: boolean;
  },
): string | undefined {
  if (member.value !== undefined && !isGiven) return member.value;
  const own = field === undefined ? undefined : member.fields.get(field);
  return own ?? (field === INDEX ? String(index) : undefined);
}

function uniqueRemedy({ members, fields }: RawSet): string {
  const isUnique = (field: string): boolean => {
    const texts = new Set(members.map((member) => member.fields.get(field)));
    return texts.size === members.length && !texts.has(undefined);
  };
  const field = fields.find(isUnique) ?? INDEX;
  return `expected different ones, or such as "key": ${quote(field)}`;
}
