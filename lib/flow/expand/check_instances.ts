/**
 * Part of the check of an actor with `each`: every instance is checked as an actor, with its members' fields filled in.
 */
import type { FlowIssue } from "../../core/issue.ts";
import type { ActorDraft, InstanceDraft } from "../check/actor_draft.ts";
import type { CheckContext } from "../check/check_context.ts";
import type { ActorSite } from "../check/actor_site.ts";
import type { InstanceOptions } from "../check/rooms.ts";
import { pathText } from "../read/json_path.ts";
import { quote } from "../schema/names.ts";
import { checkEach, type Instance } from "./check_each.ts";
import { checkMembers } from "./check_members.ts";
import type { Member } from "./member.ts";
import { eachEnv, makeScope } from "./set_scope.ts";

/** An actor, or what all of its instances are and the instances. */
export function checkInstances(site: ActorSite, { env, checkActor }: InstanceOptions): ActorDraft {
  const { name, params, check } = site;
  const sets = params.scope?.sets ?? new Map();
  const each = checkEach(site, sets);
  if (each === undefined) return checkActor(site, env);
  const at = (members: ReadonlyMap<string, Member | undefined>, told: CheckContext): ActorDraft => {
    const scope = makeScope(sets, members);
    return checkActor({ ...site, params: { ...params, scope }, check: told }, {
      ...eachEnv(members),
      ...env,
    });
  };
  const { sets: names, stream: set } = each;
  if (set !== undefined && names.length === 1) return checkMembers(site, { set, names, at });
  const tell = tellOnce(check);
  const instances = each.instances.map((instance, index): InstanceDraft => ({
    ...instance,
    draft: set === undefined
      ? { ...at(instance.members, tell(instance, index)), name: instance.name }
      : checkMembers({ ...site, check: tell(instance, index) }, { set, names, at, instance }),
  }));
  const template = instances[0]?.draft ?? at(new Map(each.sets.map((set) => [set, undefined])), check);
  if (template.kind === "stdin" || template.kind === "input") {
    const message = `Cannot use "each" on actor ${
      quote(name)
    }: standard input is there once (expected it without "each")`;
    check.report({ path: ["actors", name, "each"], message, at: "key" });
  }
  return { ...template, name, each: { ...template.each, sets: each.sets, instances } };
}

/** What is wrong at one place is told of the first instance that has it; the others have it for the same reason. */
function tellOnce(check: CheckContext): (instance: Instance, index: number) => CheckContext {
  const places = new Set<string>();
  return ({ name }, index) => {
    const own = new Set<string>();
    const report = (issue: FlowIssue): void => {
      const place = pathText(issue.path);
      if (places.has(place) && !own.has(place)) return;
      places.add(place);
      own.add(place);
      check.report(index === 0 ? issue : { ...issue, message: `${issue.message}, as ${quote(name)}` });
    };
    return { ...check, report };
  };
}
