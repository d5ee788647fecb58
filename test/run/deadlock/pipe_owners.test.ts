/** What is known of pipes does not grow with the processes that were started. */
import { expect, test } from "vitest";
import { PipeOwners } from "../../../lib/run/deadlock/pipe_owners.ts";
import { IOS, RelayRig } from "../../pipe/relay_rig.ts";

const io = IOS[0]?.io;

test.skipIf(io === undefined)(
  "PipeOwners knows the newest pipe of each stream and join, and no other",
  () => {
    if (io === undefined) return;
    const { relays } = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0, 1] }] });
    const [one, other] = relays.streams;
    if (one === undefined || other === undefined) throw new Error("no streams");
    const owners = new PipeOwners();
    for (let start = 0; start < 10_000; start++) owners.note(`pipe:[${start}]`, one);
    expect([owners.size, owners.get("pipe:[9999]"), owners.get("pipe:[9998]")]).toEqual([1, one, undefined]);
    // The system gives the name to the next pipe.
    owners.note("pipe:[9999]", other);
    owners.note("pipe:[1]", one);
    expect([owners.size, owners.get("pipe:[9999]"), owners.get("pipe:[1]")]).toEqual([2, other, one]);
  },
);
