/** What workers are given comes whole, however little room there is, and what is known of them is forgotten at last. */
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "../../../lib/core/limits/streams.ts";
import { CopyFeeder } from "../../../lib/pipe/workers/copy_feeder.ts";
import { PipeOwners } from "../../../lib/pipe/state/pipe_owners.ts";
import { BlockStore } from "../../../lib/data/block_store.ts";
import { WorkerCopies } from "../../../lib/pipe/workers/worker_copies.ts";
import { closeFd } from "../../../lib/host/descriptors/descriptors.ts";
import { makeBytes, makeTestPipe, Taker } from "../pipe_ends.ts";
import { IOS, makeFolder } from "../relay_rig.ts";

test.each(IOS)("WorkerCopies forget the pipes of those that have ended ($name)", ({ io }) => {
  const store = new BlockStore({ io, memoryBytes: 0, spillBytes: 0, folder: makeFolder() });
  const owners = new PipeOwners(io);
  const pool = { note: () => undefined };
  const copies = new WorkerCopies({
    host: {
      io,
      store,
      watch: (fd) => owners.watch(fd, { kind: "pool", pool }),
      own: (fd) => owners.own(fd, { kind: "pool", pool }),
      close: (fd) => owners.close(fd),
    },
    streams: 1,
    isRetried: false,
  });
  const copy = copies.plan();
  const [input, output] = [makeTestPipe(), makeTestPipe()];
  const fds = [input.writeFd, output.readFd];
  copies.open(copy.index, { inFd: input.writeFd, outFds: [output.readFd], now: 0 });
  expect(fds.map((fd) => copies.note(fd, false))).toEqual([true, true]);
  copy.end({ isWell: true });
  for (const out of copy.outs) copy.discardOut(out);
  expect(copy.isSpent).toBe(true);
  copies.remove(copy);
  expect(fds.map((fd) => copies.note(fd, false))).toEqual([false, false]);
  expect(fds.map((fd) => owners.of(fd))).toEqual([undefined, undefined]);
  expect([...copies]).toEqual([]);
  for (const fd of [input.readFd, output.writeFd]) closeFd(fd);
  store.close();
});

test.each(IOS)("a worker's input is not at its end while some of it waits for room ($name)", ({ io }) => {
  const store = new BlockStore({ io, memoryBytes: 0, spillBytes: 0, folder: makeFolder() });
  const copies = new WorkerCopies({
    host: { io, store, watch: () => undefined, own: () => undefined, close: closeFd },
    streams: 0,
    isRetried: false,
  });
  const feeder = new CopyFeeder({
    copies,
    header: { bytes: new Uint8Array() },
    host: { wantCopy: () => undefined },
  });
  const copy = feeder.plan();
  const input = makeTestPipe();
  copies.open(copy.index, { inFd: input.writeFd, outFds: [], now: 0 });
  const bytes = makeBytes(5 * BLOCK_BYTES + 1, 1);
  feeder.give(copy, bytes.subarray(0, 2 * BLOCK_BYTES));
  feeder.give(copy, bytes.subarray(2 * BLOCK_BYTES));
  copy.isInputWhole = true;
  expect(feeder.hasRest).toBe(true);
  const taker = new Taker(input.readFd);
  for (let turns = 0; !taker.isAtEnd && turns < 1000; turns++) {
    copy.isWritable = true;
    while (copy.feed());
    taker.read();
    feeder.giveRest();
  }
  expect(Buffer.compare(taker.bytes, bytes)).toBe(0);
  closeFd(input.readFd);
  store.close();
});
