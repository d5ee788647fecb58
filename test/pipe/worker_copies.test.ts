/** What is known of workers is forgotten when they have ended. */
import { expect, test } from "vitest";
import { PipeOwners } from "../../lib/pipe/pipe_owners.ts";
import { BlockStore } from "../../lib/data/block_store.ts";
import { WorkerCopies } from "../../lib/pipe/worker_copies.ts";
import { closeFd } from "../../lib/host/descriptors.ts";
import { makeTestPipe } from "./pipe_ends.ts";
import { IOS, makeFolder } from "./relay_rig.ts";

test.each(IOS)("WorkerCopies forget the pipes of those that have ended ($name)", ({ io }) => {
  const store = new BlockStore({ io, memoryBytes: 0, spillBytes: 0, folder: makeFolder() });
  const owners = new PipeOwners(io);
  const pool = { note: () => undefined };
  const copies = new WorkerCopies({
    host: {
      io,
      store,
      watch: (fd) => owners.watch(fd, { kind: "pool", pool }),
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
