/**
 * Part of the check of `out`: from the name of a file to the file, or to one file for each member of the sets that the
 * name names.
 */
import { isAbsolute, resolve } from "node:path";
import { INSTANCES_MAX } from "../../core/limits/sets.ts";
import type { FileOfMember } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import type { Reference } from "../check/check_params.ts";
import { checkTarget, type Target, type TargetSite } from "../check/check_target.ts";
import { quote } from "../schema/names.ts";
import { isOfStream, quietCheck, type StreamMemberSet, toMember } from "./stream_member.ts";
import { countTuples, fieldOf, listTuples, type Member, type MemberSet, valueOf } from "./member.ts";
import { findReferences, makeScope } from "./set_scope.ts";

/** The files; those that are reported to be wrong are left out. */
export function checkTargets(text: string, site: TargetSite): readonly Target[] {
  const sets = site.params.scope?.sets ?? new Map<string, MemberSet>();
  const references = findReferences(text, sets);
  const names = [...new Set(references.map(({ set }) => set))];
  const over = names.flatMap((name) => sets.get(name) ?? []);
  if (over.length === 0) {
    const target = checkTarget(text, site);
    return target === undefined ? [] : [{ target, shown: quote(text) }];
  }
  const [stream, another] = over.filter(isOfStream);
  if (stream !== undefined && another !== undefined) {
    const message = `Cannot write ${quote(text)}: sets ${quote(stream.name)} and ${
      quote(another.name)
    } are both of streams (expected one of them)`;
    site.check.report({ path: site.path, message, at: "key" });
    return [];
  }
  if (stream !== undefined) {
    const beside = over.filter((set) => set !== stream);
    if (beside.some(({ fields }) => fields === undefined) || !isSizeGood(beside, { text, site })) return [];
    return listTuples(beside).map((members) =>
      ofMembers(text, { set: stream, beside: members, references, site })
    );
  }
  if (over.some(({ fields }) => fields === undefined) || !isSizeGood(over, { text, site })) return [];
  const targets: Target[] = [];
  for (const members of listTuples(over)) {
    const scope = makeScope(sets, members);
    const target = staysInside(text, { references, members, site })
      ? checkTarget(text, { ...site, params: { ...site.params, scope } })
      : undefined;
    // The others are made of the same name.
    if (target === undefined) return [];
    // Only the flow itself names standard output.
    const file = target === "-" ? resolve(site.check.folder, target) : target;
    targets.push({ target: file, shown: shownFor(text, members), members, of: text });
  }
  return targets;
}

/** A file for each member, whose name is made when the record has come, and for these of other sets. */
function ofMembers(
  text: string,
  { set, beside, references, site }: {
    readonly set: StreamMemberSet;
    readonly beside: ReadonlyMap<string, Member>;
    readonly references: readonly Reference[];
    readonly site: TargetSite;
  },
): Target {
  const fileOf: FileOfMember = (record, index) => {
    const member = toMember(record, { set, index });
    if (typeof member === "string") return { ok: false, problem: member };
    const issues: FlowIssue[] = [];
    const { path, params, check } = site;
    const own: TargetSite = { path, params, check: quietCheck(check, issues) };
    const members = new Map([...beside, [set.name, member]]);
    const scope = makeScope(params.scope?.sets ?? new Map(), members);
    const target = staysInside(text, { references, members, site: own })
      ? checkTarget(text, { ...own, params: { ...params, scope } })
      : undefined;
    if (target === undefined) {
      return { ok: false, problem: issues[0]?.message ?? `there is no file for ${member.where}` };
    }
    return { ok: true, path: target === "-" ? resolve(check.folder, target) : target };
  };
  const stream = { set: set.name, sets: [set.name, ...beside.keys()], fileOf };
  if (beside.size === 0) return { target: resolve(site.check.folder, text), shown: quote(text), stream };
  const target = text.replace(/\{[^{}]*\}/g, (part) => {
    const reference = references.find((one) => one.text === part);
    const member = reference && beside.get(reference.set);
    return member === undefined ? part : `${part.slice(0, -1)}=${member.index}}`;
  });
  return {
    target: resolve(site.check.folder, target),
    shown: shownFor(text, beside),
    members: beside,
    of: text,
    stream,
  };
}

function shownFor(text: string, members: ReadonlyMap<string, Member>): string {
  return `${quote(text)} of ${[...members.values()].map(({ key }) => quote(key)).join(", ")}`;
}

function isSizeGood(
  sets: readonly MemberSet[],
  { text, site }: { readonly text: string; readonly site: TargetSite },
): boolean {
  const count = countTuples(sets);
  if (count <= INSTANCES_MAX) return true;
  const message = `Cannot write ${
    quote(text)
  }: it would be ${count} files (expected at most ${INSTANCES_MAX})`;
  site.check.report({ path: site.path, message, at: "key" });
  return false;
}

/** What a member brings in may not lead out of the folder that the flow names. */
function staysInside(
  text: string,
  { references, members, site }: {
    readonly references: readonly Reference[];
    readonly members: ReadonlyMap<string, Member>;
    readonly site: TargetSite;
  },
): boolean {
  for (const { text: reference, set, field } of references) {
    const member = members.get(set);
    const value = member === undefined
      ? undefined
      : field === undefined
      ? valueOf(member)
      : fieldOf(member, field);
    if (value === undefined || (!isAbsolute(value) && !value.split("/").includes(".."))) continue;
    const message = `Cannot write ${quote(text)}: ${quote(reference)} is ${
      quote(value)
    }, which leads out of the folder (expected another field, or values without ".." and no absolute path)`;
    site.check.report({ path: site.path, message, at: "key" });
    return false;
  }
  return true;
}
