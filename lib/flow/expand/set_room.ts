/**
 * What checks actors over sets and makes ordinary ones of them; loaded only where a flow has any.
 */
import type { SetRoom } from "../check/rooms.ts";
import { checkInstances } from "./check_instances.ts";
import { checkMemberInputs, checkRecords } from "./check_members.ts";
import { checkSets } from "./check_sets.ts";
import { checkTargets } from "./check_targets.ts";
import { defaultProcesses, expandFlow, listUnused } from "./expand_flow.ts";
import { makeScope } from "./set_scope.ts";

export const SETS: SetRoom = {
  checkSets,
  makeScope,
  checkInstances,
  checkRecords,
  checkMemberInputs,
  checkTargets,
  expandFlow,
  listUnused,
  defaultProcesses,
};
