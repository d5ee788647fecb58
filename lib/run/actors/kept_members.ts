/**
 * Members in the journal of a captured run: what an earlier run has done is given on without any process.
 */
import { type Flow, type MemberRecord, streamKey } from "../../core/flow.ts";
import type { Hide } from "../../core/secrets.ts";
import { openForThread } from "../../host/descriptors/descriptors.ts";
import { hashBytes, hashFileNow } from "../../store/cache/hash_file.ts";
import { hashDefinition, stampOf } from "../capture/actor_stamp.ts";
import { stretchSecrets } from "../reads/stretch_secrets.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { MemberRun } from "../state/member_run.ts";
import type { MemberWays } from "../wiring/wire_member.ts";

/** Begins what is kept of a member; true when an earlier run has done it, and what it wrote then is given on. */
export function beginMember(
  member: MemberRun,
  { ways, flow, record, relays }: {
    readonly ways: MemberWays;
    readonly flow: Pick<Flow, "secrets">;
    readonly record: MemberRecord;
    readonly relays: Pick<RelayClient, "openCopy" | "endCopy">;
  },
): boolean {
  const { pool, plan, streams, journal } = ways;
  if (journal === undefined) return false;
  const id = member.id = identify(member, { ways, stretch: stretchSecrets(flow) });
  if (!journal.has(id)) {
    journal.begin(id);
    return false;
  }
  const copy = member.index;
  const outFds = streams.map(({ key }, at) => {
    const output = plan.outputs.get(key);
    const target = output?.way === "file" ? output.out?.members?.fileOf(record, copy) : undefined;
    return openForThread(target?.ok === true ? target.path : journal.pathOf(id, at));
  });
  relays.openCopy(pool, { copy, inFd: undefined, outFds, areFiles: true, pid: undefined, pipes: [] });
  relays.endCopy(pool, { copy, pid: undefined, how: "well" });
  return true;
}

/** The same for a member of an earlier run that would do the same. */
function identify(
  { index, runs }: MemberRun,
  { ways: { plan, findRecords }, stretch }: { readonly ways: MemberWays; readonly stretch: Hide },
): string {
  const actors = [...runs.values()].map((
    { actor },
  ) => [hashDefinition(actor, stretch), stampOf(actor).stamp]);
  // The records of its own key, if it is one's.
  const [records] = [...plan.inputs.values()].flatMap(({ streams }) =>
    streams.flatMap((from) => findRecords(streamKey(from), index) ?? [])
  );
  return hashBytes(JSON.stringify([index, actors, ...records === undefined ? [] : [hashFileNow(records)]]));
}
