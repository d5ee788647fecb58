/**
 * Makes a process of a member ready that needs more than descriptors: what it reads of several others is put together,
 * and it is looked up in the cache. What is there of it is put where its readers find it.
 */
import { copyFile } from "node:fs/promises";
import { streamKey } from "../../core/flow.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { removeFile } from "../../host/files/remove.ts";
import type { CachedMembers, WrittenPort } from "../cache/cached_members.ts";
import type { RunState } from "../state/run_state.ts";
import { joinInputs } from "./join_inputs.ts";
import { type MemberProcess, ownFileOf } from "./wire_member.ts";
import type { Wiring } from "./wiring.ts";

/** What is given to whoever makes a process of a member ready. */
interface Preparing {
  /** Undefined when the process is not cached. */
  readonly cached: CachedMembers | undefined;
  readonly wiring: Pick<Wiring, "sharedPathOf">;
  readonly state: Pick<RunState, "fail">;
}

/** What becomes of a process that is about to start: it is found when what it would write is there, and of so many bytes. */
export type Fate =
  | { readonly is: "ready" | "failed" }
  | { readonly is: "found"; readonly bytesOut: number };

/** Puts together what a process reads, and looks it up. What goes wrong is told. */
export async function prepareProcess(process: MemberProcess, context: Preparing): Promise<Fate> {
  try {
    await joinInputs(process);
    const bytesOut = context.cached && await findKept(process, context.cached, context);
    return bytesOut === undefined ? { is: "ready" } : { is: "found", bytesOut };
  } catch (error) {
    const problem = `cannot be given what it reads: ${describeSystemError(error).reason}`;
    context.state.fail({ kind: "member", actor: process.run.actor.name, problem });
    return { is: "failed" };
  }
}

/** Looks up a process that is about to start. Bytes that are there of it: then it is not to be run. */
async function findKept(
  process: MemberProcess,
  cached: CachedMembers,
  { wiring, state }: Pick<Preparing, "wiring" | "state">,
): Promise<number | undefined> {
  const { run, pattern, ways: { plan } } = process;
  const inputs = run.actor.inputs.flatMap(({ name: port }) => {
    const at = { actor: pattern, port };
    const own = ownFileOf(process, port);
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
