/**
 * Where the processes of members stand to the cache: what one is given, by which it is looked up, and where what is there
 * of it has to be.
 */
import { copyFile } from "node:fs/promises";
import { streamKey } from "../../core/flow.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { removeFile } from "../../host/files/remove.ts";
import type { CachedMembers, WrittenPort } from "../cache/cached_members.ts";
import type { RunState } from "../state/run_state.ts";
import type { MemberProcess } from "./wire_member.ts";
import type { Wiring } from "./wiring.ts";

/** Looks up a process that is about to start. Bytes that are there of it: then it is not to be run. */
export async function findKept(
  process: MemberProcess,
  { cached, wiring, state }: {
    readonly cached: CachedMembers;
    readonly wiring: Pick<Wiring, "sharedPathOf">;
    readonly state: Pick<RunState, "fail">;
  },
): Promise<number | undefined> {
  const { run, pattern, member, ways: { plan, findRecords } } = process;
  const inputs = run.actor.inputs.flatMap(({ name: port }) => {
    const at = { actor: pattern, port };
    const from = plan.inputs.get(streamKey(at));
    const own = from &&
      (member.files.get(streamKey(from))?.path ?? findRecords(streamKey(from), member.index));
    const path = own ?? wiring.sharedPathOf(at);
    return path === undefined ? [] : [{ port, path, isShared: own === undefined }];
  });
  const stderr = plan.outputs.get(streamKey({ actor: pattern, port: "stderr" }));
  return await cached.find(run, {
    inputs,
    isStderrRead: stderr !== undefined && stderr.way !== "unread",
    place: (written) => place(process, { written, state }),
  });
}

/** A file of `out`, or of a journal, gets a copy; everybody else reads what is in the cache. */
async function place(
  { pattern, member }: MemberProcess,
  { written, state }: { readonly written: readonly WrittenPort[]; readonly state: Pick<RunState, "fail"> },
): Promise<void> {
  for (const { port, path, isKept } of written) {
    const key = streamKey({ actor: pattern, port });
    const own = member.files.get(key)?.path;
    if (own === undefined) {
      member.files.set(key, isKept ? { path, isOthers: true } : { path });
      continue;
    }
    try {
      await copyFile(path, own);
    } catch (error) {
      member.hasFailed = true;
      state.fail({ kind: "write", target: own, ...describeSystemError(error) });
    }
    if (!isKept) removeFile(path);
  }
}
