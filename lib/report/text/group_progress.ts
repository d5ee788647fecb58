/**
 * How far actors are, with the instances of one as one.
 */
import type { ActorProgress } from "../../core/event.ts";
import { groupOf, isInstance } from "../../core/instance.ts";
import type { ActorState } from "../../core/result.ts";
import { describeCounts, describeGroup } from "./group_text.ts";

export interface ShownProgress extends ActorProgress {
  /** `×300 [120 done, 2 active]`, for instances. */
  readonly instances?: string;
}

/** The furthest from the end first: what some of many are is what all of them are. */
const ORDER: readonly ActorState[] = ["running", "failed", "stopped", "waiting", "done"];

export function groupProgress(
  actors: Readonly<Record<string, ActorProgress>>,
): Readonly<Record<string, ShownProgress>> {
  const groups = new Map<string, ActorProgress[]>();
  const shown: Record<string, ShownProgress> = {};
  for (const [name, progress] of Object.entries(actors)) {
    const group = groupOf(name);
    const members = groups.get(group);
    if (members !== undefined) members.push(progress);
    else if (isInstance(name)) {
      groups.set(group, [progress]);
      shown[group] = progress; // Its place is that of the first.
    } else shown[name] = withMembers(progress);
  }
  for (const [group, members] of groups) shown[group] = add(members);
  return shown;
}

/** Of records that are still to come nobody knows how many there are. */
function withMembers(progress: ActorProgress): ShownProgress {
  if (progress.members === undefined) return progress;
  const { done, active, failed } = progress.members;
  const told = describeCounts(new Map([["done", done], ["running", active], ["failed", failed]]));
  return { ...progress, instances: `×${done + active + failed}${told === "" ? "" : ` [${told}]`}` };
}

function add(members: readonly ActorProgress[]): ShownProgress {
  const states = members.map(({ state }) => state);
  const told = describeGroup(states)?.[1];
  return {
    state: ORDER.find((state) => states.includes(state)) ?? "waiting",
    instances: `×${members.length}${told === undefined ? "" : ` [${told}]`}`,
    ...sum("bytesIn", members),
    ...sum("bytesOut", members),
    ...sum("memoryBytes", members),
    ...sum("cpuMs", members),
  };
}

function sum(
  key: "bytesIn" | "bytesOut" | "memoryBytes" | "cpuMs",
  members: readonly ActorProgress[],
): Partial<ActorProgress> {
  const known = members.flatMap((member) => member[key] ?? []);
  return known.length === 0 ? {} : { [key]: known.reduce((total, bytes) => total + bytes, 0) };
}
