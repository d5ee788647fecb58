/** A source that cannot be read is told as that, whatever its bytes go to. */
import { existsSync, openSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { IOS, RelayRig } from "./relay_rig.ts";

/** It opens, and says EIO to each read: nothing is at address 0. */
const UNREADABLE = "/proc/self/mem";
const hasSuch = existsSync(UNREADABLE);

describe.each(IOS)("Relays end a stream that cannot be read ($name)", ({ io }) => {
  test.runIf(hasSuch)("file → pipe", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }] });
    const taker = rig.take(0);
    rig.relays.openStream(0, { kind: "path", path: UNREADABLE, fd: undefined });
    rig.settle();
    expect(taker.read()).toBe(0);
    expect(rig.events).toEqual(["s0 begun", "s0 ended EIO", "j0 ended"]);
  });

  test.runIf(hasSuch).each(["path", "file"] as const)("%s → file", (kind) => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }] });
    const path = rig.takeFile(0);
    rig.relays.openStream(
      0,
      kind === "path" ? { kind, path: UNREADABLE, fd: undefined } : { kind, fd: openSync(UNREADABLE, "r") },
    );
    rig.settle();
    expect(rig.events).toEqual(["s0 begun", "s0 ended EIO", "j0 ended"]);
    expect(readFileSync(path, "utf8")).toBe("");
  });

  test.runIf(hasSuch)("device ─┬─▶ 2 pipes, through the store", () => {
    const rig = new RelayRig({
      io,
      streams: [[0, 1]],
      joins: [{ edges: [0] }, { edges: [1] }],
      spillBytes: 0,
    });
    rig.take(0);
    rig.take(1);
    rig.relays.openStream(0, { kind: "device", fd: openSync(UNREADABLE, "r") });
    rig.settle();
    expect(rig.events).toEqual(["s0 begun", "s0 ended EIO", "j0 ended", "j1 ended"]);
  });

  test.runIf(existsSync("/dev/full"))("file → full: what cannot be written is told of the join", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }] });
    rig.feedFile(0, new TextEncoder().encode("text"));
    rig.relays.openJoin(0, { fd: io.open("/dev/full", "write"), isFile: true });
    rig.settle();
    expect(rig.events).toContain("j0 reader-left ENOSPC");
  });
});
