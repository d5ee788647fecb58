/**
 * What a set has: members with fields, all of them texts.
 */

/** A member as its source gives it. */
export interface RawMember {
  /** A plain value. */
  readonly value?: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Where it is, for people: `line 7 of "sites.csv"`. */
  readonly where: string;
}

/** What a source gives; `fields` in their order, also when there are no members. */
export interface RawSet {
  readonly members: readonly RawMember[];
  readonly fields: readonly string[];
}

export interface Member extends RawMember {
  /** From 0. */
  readonly index: number;
  /** No other member of the set has it. */
  readonly key: string;
}

export interface MemberSet {
  readonly name: string;
  readonly members: readonly Member[];
  /** Its members are the records of a stream: nobody knows them yet. */
  readonly stream?: StreamSet;
  /** Undefined when the set has mistakes, so that any name may be one of its fields. */
  readonly fields: ReadonlySet<string> | undefined;
}

/** A set of the records of a stream. */
export interface StreamSet {
  readonly names: string | readonly string[];
  /** They are the keys of this split. */
  readonly keysOf?: string;
  readonly order: "input" | "any";
  /** The field whose value names a member; undefined for the value, or the first field. */
  readonly key: string | undefined;
}

/** The field that every member has: its number, unless it has another one by that name. */
export const INDEX = "index";

/** The text of a JSON value: a string is itself. */
export function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** A value, or the fields of an object. */
export function toRawMember(value: unknown, where: string): RawMember {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { value: toText(value), fields: NO_FIELDS, where };
  }
  return { fields: new Map(Object.entries(value).map(([name, part]) => [name, toText(part)])), where };
}

/** The member that a line of JSON is; its numbers are as they are written there. Throws a SyntaxError. */
export function parseMember(line: string, where: string): RawMember {
  const sources = new Map<unknown, Map<string, string>>();
  const value: unknown = JSON.parse(
    line,
    function (this: unknown, key, part: unknown, context?: { source?: string }) {
      if (typeof part !== "number" || context?.source === undefined) return part;
      const known = sources.get(this) ?? new Map<string, string>();
      sources.set(this, known.set(key, context.source));
      return part;
    },
  );
  const member = toRawMember(value, where);
  // Digits beyond what a number holds would be others.
  const written = sources.get(value);
  return written === undefined ? member : { ...member, fields: new Map([...member.fields, ...written]) };
}

const NO_FIELDS: ReadonlyMap<string, string> = new Map();

/** The names of all fields, each as it is first met. */
export function listFields(members: readonly RawMember[]): readonly string[] {
  const fields = new Set<string>();
  for (const member of members) for (const name of member.fields.keys()) fields.add(name);
  return [...fields];
}

/** What `{set.FIELD}` is of a member; undefined when it has no such field. */
export function fieldOf(member: Member, field: string): string | undefined {
  return member.fields.get(field) ?? (field === INDEX ? String(member.index) : undefined);
}

/** What `{set}` is. */
export function valueOf(member: Member): string {
  return member.value ?? member.key;
}

/** The input by which the records of a set come; no port can be called so. */
export function recordsPort(set: string): string {
  return `{${set}}`;
}

/** How many members several sets have at once: every one with every one of the others. */
export function countTuples(sets: readonly MemberSet[]): number {
  return sets.reduce((product, { members }) => product * members.length, 1);
}

/** They, each by the names of its sets; the last set is the fastest. */
export function listTuples(sets: readonly MemberSet[]): readonly ReadonlyMap<string, Member>[] {
  let tuples: readonly (readonly (readonly [string, Member])[])[] = [[]];
  for (const { name, members } of sets) {
    tuples = tuples.flatMap((tuple) => members.map((member) => [...tuple, [name, member] as const]));
  }
  return tuples.map((tuple) => new Map(tuple));
}
