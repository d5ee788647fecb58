/**
 * What a process of a member reads on one input of several others of the same member, one after the other in a file:
 * all of them have ended when it starts.
 */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { streamKey } from "../../core/flow.ts";
import { HASH_READ_BYTES } from "../../core/limits/store.ts";
import type { MemberInput } from "../../graph/plan_member.ts";
import { actorOfKey, joinedKey, type MemberProcess } from "./wire_member.ts";

/** True for an actor that reads so. */
export function readsJoined({ pattern, ways: { plan } }: MemberProcess): boolean {
  return [...plan.inputs].some(([input, { streams }]) => streams.length > 1 && actorOfKey(input) === pattern);
}

/** Makes the files of a process that is about to start. Rejects with the system's error. */
export async function joinInputs(
  { pattern, member, ways: { plan, pool, folder } }: MemberProcess,
): Promise<void> {
  for (const [input, of] of plan.inputs) {
    if (of.streams.length < 2 || actorOfKey(input) !== pattern) continue;
    const path = join(folder, `member-${pool}-${member.index}-${member.files.size}`);
    member.files.set(joinedKey(input), { path });
    const parts = of.streams.map((stream) => member.files.get(streamKey(stream))?.path);
    const to = await open(path, "w");
    try {
      for (const part of parts) if (part !== undefined) await append(part, { to, merge: of.merge });
    } finally {
      await to.close();
    }
  }
}

const LINE_FEED = 10;

async function append(
  path: string,
  { to, merge }: { readonly to: FileHandle; readonly merge: MemberInput["merge"] },
): Promise<void> {
  let last: number | undefined;
  for await (const chunk of createReadStream(path, { highWaterMark: HASH_READ_BYTES })) {
    const bytes = chunk as Uint8Array; // A stream without an encoding gives bytes.
    for (let at = 0; at < bytes.length;) at += (await to.write(bytes, at)).bytesWritten;
    last = bytes.at(-1) ?? last;
  }
  // A last line that has no line break is completed, as for any input of lines.
  if (merge === "lines" && last !== undefined && last !== LINE_FEED) await to.write("\n");
}
