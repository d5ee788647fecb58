/**
 * What relays do when the spill file finds no room on its disk: nothing is lost, and they go on when there is room. A
 * full disk needs a disk of its own, which only root may mount on Linux; elsewhere these tests say that they skip.
 */
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { BLOCK_BYTES } from "../../lib/core/limits/streams.ts";
import { makeBytes } from "./pipe_ends.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const MIB = 1024 * 1024;
const PAGE = 4096;

const mounted: string[] = [];
afterEach(() => {
  // Lazily: the spill file is closed a little later.
  for (const folder of mounted.splice(0)) execFileSync("umount", ["--lazy", folder]);
});

/** Makes a folder a disk of 1 MiB, with so much room left; gives what takes the rest. Undefined when not allowed. */
function mountDisk(folder: string, free: number): string | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  mounted.push(folder);
  const ballast = join(folder, "ballast");
  writeFileSync(ballast, makeBytes(MIB - free));
  return ballast;
}

/** A disk is full somewhere: what is written before, and what is read at once, end here or there. */
const ROOM = [0, PAGE, BLOCK_BYTES, BLOCK_BYTES + PAGE, BLOCK_BYTES + 32 * 1024];

describe.each(IOS)("Relays on a full disk ($name)", ({ io }) => {
  test.for(ROOM)("hold what fits into %i bytes, and go on when there is room", (free, { skip }) => {
    const rig = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0, 1] }], spillBytes: 64 * MIB });
    const ballast = mountDisk(rig.folder, free);
    if (ballast === undefined) return skip("no disk can be mounted");
    const [taker, feeder] = [rig.take(0), rig.feed(1)];
    rig.relays.grow(rig.edge(1), Infinity);
    const bytes = makeBytes(2 * BLOCK_BYTES - PAGE);
    expect(rig.fill(feeder, bytes)).toBe(bytes.length);
    const { log } = rig.stream(1);
    expect({ taken: rig.board.taken[1], lacksRoom: log.lacksRoom }).toEqual({ taken: free, lacksRoom: true });
    expect(rig.relays.store.noRoom).toMatchObject({ kind: "disk", errno: "ENOSPC" });
    rmSync(ballast);
    rig.relays.grow(rig.edge(1), Infinity);
    rig.settle();
    expect({ taken: rig.board.taken[1], lacksRoom: log.lacksRoom }).toEqual({
      taken: bytes.length,
      lacksRoom: false,
    });
    rig.carry([[rig.feed(0), Buffer.from("first")], [feeder, new Uint8Array()]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([Buffer.from("first"), bytes]))).toBe(true);
  });

  test.for(ROOM)("give on without the disk what did not fit into %i bytes", (free, { skip }) => {
    const rig = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0, 1] }], spillBytes: 64 * MIB });
    const ballast = mountDisk(rig.folder, free);
    if (ballast === undefined) return skip("no disk can be mounted");
    const [taker, feeder] = [rig.take(0), rig.feed(1)];
    rig.relays.grow(rig.edge(1), Infinity);
    const bytes = makeBytes(2 * MIB);
    const written = rig.fill(feeder, bytes);
    rig.carry([[rig.feed(0), Buffer.from("first")], [feeder, bytes.subarray(written)]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([Buffer.from("first"), bytes]))).toBe(true);
    rmSync(ballast);
  });

  test.for(ROOM)("merge lines that did not fit into %i bytes", (free, { skip }) => {
    const rig = new RelayRig({
      io,
      streams: [[0], [1]],
      joins: [{ edges: [0, 1], merge: "lines" }],
      spillBytes: 64 * MIB,
    });
    const ballast = mountDisk(rig.folder, free);
    if (ballast === undefined) return skip("no disk can be mounted");
    const [taker, feeder] = [rig.take(0, { pipeBytes: PAGE }), rig.feed(0)];
    rig.feed(1).close();
    rig.relays.grow(rig.edge(0), Infinity);
    const lines = Buffer.from(Array.from({ length: 150_000 }, (_, at) => `${at}\n`).join(""));
    const written = rig.fill(feeder, lines);
    rig.carry([[feeder, lines.subarray(written)]], [{ taker }]);
    expect(taker.bytes.equals(lines)).toBe(true);
    rmSync(ballast);
  });
});
