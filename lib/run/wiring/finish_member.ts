/**
 * The end of a member: its processes let go of what joins them, its files of `out` are put in place, what was kept of it
 * is, and the rest is removed.
 */
import { streamKey } from "../../core/flow.ts";
import { closeFd, openForThread } from "../../host/descriptors/descriptors.ts";
import { removeFile } from "../../host/files/remove.ts";
import { noteMemberEnded } from "../../host/memory.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { MemberJournal } from "../../store/member_journal.ts";
import type { MemberRun } from "../state/member_run.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RunState } from "../state/run_state.ts";
import { actorOfKey, type MemberProcess } from "./wire_member.ts";

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
  // What is kept is elsewhere by now.
  for (const { path, isOthers } of files.values()) if (isOthers !== true) removeFile(path);
}

/** None of its processes was ever there: nobody is told of its outputs. */
export function closeUntold({ untold = [] }: MemberRun): void {
  for (const fd of untold) if (typeof fd === "number") closeFd(fd);
}

/** A process of a member will never start, or not again: what it would read and write is let go of. */
export function abandonProcess({ pattern, member, ways: { plan } }: MemberProcess): void {
  for (const [key, fd] of member.outs) {
    if (actorOfKey(key) !== pattern) continue;
    member.outs.delete(key);
    closeFd(fd);
  }
  for (const [key, pipe] of member.pipes) {
    if (actorOfKey(key) === pattern) pipe.writerEnded();
  }
  for (const [input, { streams: [from] }] of plan.inputs) {
    if (actorOfKey(input) !== pattern) continue;
    const pipe = from && member.pipes.get(streamKey(from));
    if (from === undefined || pipe === undefined) continue;
    member.runs.get(from.actor)?.gate.lose(pipe);
    pipe.readerStarted();
  }
}

/** Gives what a process has written into files to those who read it outside: it has ended well. */
export function giveFiles(
  { pattern, member, ways: { pool, plan, streams } }: MemberProcess,
  relays: RelayClient,
): void {
  const outFds = streams.map(({ key }) => {
    const path = member.files.get(key)?.path;
    const output = plan.outputs.get(key);
    const isOwn = actorOfKey(key) === pattern;
    return isOwn && path !== undefined && output?.way === "file" && output.isGivenOn
      ? openForThread(path)
      : undefined;
  });
  if (outFds.every((fd) => fd === undefined)) return;
  relays.openCopy(pool, {
    copy: member.index,
    inFd: undefined,
    outFds,
    areFiles: true,
    pid: undefined,
    pipes: [],
  });
}
