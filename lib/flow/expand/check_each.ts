/**
 * Part of the check of an actor: `each`, and the instances that come of it.
 */
import { INSTANCES_MAX, MEMBER_INSTANCES_MAX } from "../../core/limits/sets.ts";
import { didYouMean, someNames } from "../check/check_context.ts";
import type { ActorSite } from "../check/actor_site.ts";
import { quote } from "../schema/names.ts";
import { countTuples, listTuples, type Member, type MemberSet } from "./member.ts";
import { instanceName } from "../../core/instance.ts";
import { isOfStream, type StreamMemberSet } from "./stream_member.ts";
import { eachVariable } from "./set_scope.ts";

/** One instance: its name, and its member of each set. */
export interface Instance {
  readonly name: string;
  readonly members: ReadonlyMap<string, Member>;
}

/** What an actor is over. */
export interface Each {
  /** In the order of `each`. */
  readonly sets: readonly string[];
  /** In the order of the sets' members, the last set fastest. */
  readonly instances: readonly Instance[];
  /** Set when it is over one of a stream; `instances` are those over the others, for each record, if there are any. */
  readonly stream?: StreamMemberSet;
}

/** The instances of an actor; undefined for one without `each`. What is wrong is reported, and has no instances. */
export function checkEach(site: ActorSite, sets: ReadonlyMap<string, MemberSet>): Each | undefined {
  const { name, shape, check } = site;
  const { each } = shape.keys;
  if (each === undefined) return shape.broken.has("each") ? { sets: [], instances: [] } : undefined;
  const names = typeof each === "string" ? [each] : each;
  const known: MemberSet[] = [];
  for (const [at, set] of names.entries()) {
    const path = ["actors", name, "each", ...(typeof each === "string" ? [] : [at])];
    const found = sets.get(set);
    if (found === undefined) {
      const all = [...sets.keys()];
      const otherwise = all.length === 0 ? 'declare it under "sets"' : `expected one of ${someNames(all)}`;
      const remedy = didYouMean(check.closest(set, all), otherwise);
      check.report({
        path,
        message: `Cannot make instances over ${quote(set)}: the flow has no such set (${remedy})`,
      });
    } else if (known.includes(found)) {
      check.report({
        path,
        message: `Cannot make instances over ${quote(set)}: it is there twice (expected each set once)`,
      });
    } else known.push(found);
  }
  const [stream, ...others] = known.filter(isOfStream);
  if (stream !== undefined && others[0] !== undefined) {
    const message = `Cannot make instances of actor ${quote(name)}: sets ${quote(stream.name)} and ${
      quote(others[0].name)
    } are both of streams (expected one of them)`;
    check.report({ path: ["actors", name, "each"], message });
    return { sets: names, instances: [] };
  }
  if (stream !== undefined) return checkBeside(site, { names, known, stream });
  const isWhole = known.length === names.length && known.every(({ fields }) => fields !== undefined);
  if (!isWhole || !areVariablesGood(known, site) || !isSizeGood(known, site)) {
    return { sets: known.map((set) => set.name), instances: [] };
  }
  const instances = listTuples(known).map((members) => ({
    name: instanceName(name, [...members.values()].map(({ key }) => key)),
    members,
  }));
  return { sets: names, instances };
}

/** Over one of a stream: for each of its members, the instances over the other sets. */
function checkBeside(
  site: ActorSite,
  { names, known, stream }: {
    readonly names: readonly string[];
    readonly known: readonly MemberSet[];
    readonly stream: StreamMemberSet;
  },
): Each {
  const { name } = site;
  const others = known.filter((set) => set !== stream);
  const isWhole = known.length === names.length && others.every(({ fields }) => fields !== undefined);
  const isGood = isWhole && areVariablesGood(others, site) && isSizeGood(others, site, MEMBER_INSTANCES_MAX);
  const instances = others.length === 0 || !isGood ? [] : listTuples(others).map((members) => ({
    name: instanceName(name, names.map((set) => members.get(set)?.key ?? `{${set}}`)),
    members,
  }));
  return { sets: names, instances, stream };
}

/** Two fields whose names differ only in what a variable's name cannot hold. */
function areVariablesGood(sets: readonly MemberSet[], { name, check }: ActorSite): boolean {
  const variables = new Map<string, string>();
  for (const set of sets) {
    for (const field of [undefined, ...set.fields ?? []]) {
      const variable = eachVariable(set.name, field);
      const shown = field === undefined ? set.name : `${set.name}.${field}`;
      const other = variables.get(variable);
      if (other !== undefined) {
        const message = `Cannot make instances of actor ${
          quote(name)
        }: {${shown}} would be ${variable}, as {${other}} is (expected another name)`;
        check.report({ path: ["actors", name, "each"], message });
        return false;
      }
      variables.set(variable, shown);
    }
  }
  return true;
}

function isSizeGood(
  sets: readonly MemberSet[],
  { name, check }: ActorSite,
  countMax: number = INSTANCES_MAX,
): boolean {
  const count = countTuples(sets);
  if (count <= countMax) return true;
  const factors = sets.map(({ name: set, members }) => `${members.length} of ${quote(set)}`).join(" times ");
  const message = `Cannot make instances of actor ${quote(name)}: there would be ${count}, ${factors}${
    countMax === INSTANCES_MAX ? "" : " for each record of a stream"
  } (expected at most ${countMax})`;
  check.report({ path: ["actors", name, "each"], message });
  return false;
}
