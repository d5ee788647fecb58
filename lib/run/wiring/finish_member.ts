/**
 * The end of a member: its files of `out` are put in place, what was kept of it is, and the rest is removed.
 */
import { removeFile } from "../../host/files/remove.ts";
import { noteMemberEnded } from "../../host/memory.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { MemberJournal } from "../../store/member_journal.ts";
import type { MemberRun } from "../state/member_run.ts";
import type { RunState } from "../state/run_state.ts";

/** Its files of `out` are put in place when all of it has ended well; those between its processes are not needed. */
export function finishMember(
  { id, targets, files, hasFailed }: MemberRun,
  { state, journal }: {
    readonly state: Pick<RunState, "emit" | "fail">;
    readonly journal: MemberJournal | undefined;
  },
): void {
  for (const file of targets) {
    const { target } = file;
    try {
      const bytes = file.countBytes();
      file.finish(!hasFailed);
      if (!hasFailed) state.emit({ type: "output", output: { target, bytes, isKept: true } });
    } catch (error) {
      state.fail({ kind: "write", target, ...describeSystemError(error) });
    }
  }
  noteMemberEnded();
  if (id !== undefined) journal?.end(id, { isWell: !hasFailed });
  for (const path of files.values()) removeFile(path); // What is kept is elsewhere by now.
}
