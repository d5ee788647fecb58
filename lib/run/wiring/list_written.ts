/**
 * The files that a process of a member writes by itself, each by what it is for.
 */
import { dirname } from "node:path";
import type { MemberPlace } from "../state/actor_run.ts";
import { actorOfKey, type MemberProcess } from "./wire_member.ts";

type Written = ReturnType<MemberPlace["listWritten"]>;

export function listWritten({ pattern, member, ways }: Omit<MemberProcess, "run">): Written {
  const { journal } = ways;
  return [...member.files].flatMap(([key, { path, target, isOthers }]): Written => {
    if (actorOfKey(key) !== pattern || isOthers === true) return [];
    const folder = dirname(path);
    if (target !== undefined) return [{ folder, tells: { of: "out", path: target } }];
    return journal !== undefined && folder !== ways.folder
      ? [{ folder, tells: { of: "members", path: journal.folder } }]
      : [{ folder, tells: { of: "temporary", path: dirname(folder) } }];
  });
}
