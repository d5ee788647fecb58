/**
 * The names of instances: an actor with `each` is one actor for each member, such as `count[logs/a.gz,warn]`.
 */
import type { StreamRef } from "./flow.ts";
import type { FlowIssue } from "./issue.ts";

/** The actor that an instance belongs to; any other actor is its own. */
export function groupOf(name: string): string {
  const at = name.indexOf("[");
  return at === -1 ? name : name.slice(0, at);
}

/** True for the name of an instance: no other name has a bracket. */
export function isInstance(name: string): boolean {
  return name.includes("[");
}

/** The stream of a name such as `foo`, `foo.audit` or `count[logs/a.gz].stderr`: in brackets a dot is none. */
export function toStream(name: string): StreamRef {
  const dot = name.indexOf(".", Math.max(1, name.lastIndexOf("]")));
  return dot === -1
    ? { actor: name, port: "stdout" }
    : { actor: name.slice(0, dot), port: name.slice(dot + 1) };
}

/** What is wrong with every instance of an actor is said of the actor, once. */
export function tellOnce(issues: readonly FlowIssue[]): FlowIssue[] {
  const told = new Set<string>();
  return issues.map(ofGroup).filter((issue) => {
    const key = JSON.stringify([issue.path, issue.message]);
    if (told.has(key)) return false;
    told.add(key);
    return true;
  });
}

function ofGroup(issue: FlowIssue): FlowIssue {
  const [top, name, ...rest] = issue.path;
  if (top !== "actors" || typeof name !== "string" || !isInstance(name)) return issue;
  const group = groupOf(name);
  return {
    ...issue,
    path: [top, group, ...rest],
    message: issue.message.replaceAll(`"${name}"`, () => `"${group}"`),
  };
}
