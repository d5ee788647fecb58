import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CAPTURE_CHUNK_BYTES, CAPTURE_CHUNKS_MAX } from "../../../lib/core/limits/store.ts";
import { CapturedStreams } from "../../../lib/store/capture/captured_streams.ts";
import { Feeder, makeBytes, makeTestPipe } from "../../pipe/pipe_ends.ts";
import { findOpen, IOS } from "../../pipe/relay_rig.ts";
import { makeFolder } from "../store_rig.ts";

describe.each(IOS)("CapturedStreams ($name)", ({ io }) => {
  function open(): {
    readonly streams: CapturedStreams;
    readonly bytesOf: (stream: number) => Buffer;
    readonly sizes: number[];
    readonly complete: number[];
    readonly unread: string[];
  } {
    const chunks: { readonly stream: number; readonly bytes: Buffer }[] = [];
    const sizes: number[] = [];
    const complete: number[] = [];
    const unread: string[] = [];
    const streams = new CapturedStreams(io, {
      onChunk: (stream, bytes) => {
        chunks.push({ stream, bytes: Buffer.from(bytes) });
        sizes.push(bytes.length);
      },
      onComplete: (stream) => complete.push(stream),
      onUnread: ({ errno }) => unread.push(errno),
    });
    const bytesOf = (stream: number): Buffer =>
      Buffer.concat(chunks.filter((chunk) => chunk.stream === stream).map(({ bytes }) => bytes));
    return { streams, bytesOf, sizes, complete, unread };
  }

  function read(streams: CapturedStreams): void {
    for (let quiet = 0; quiet < 3; quiet++) {
      while (!streams.isIdle) streams.turn();
      for (const { fd } of io.wait(0)) streams.note(fd);
    }
    while (!streams.isIdle) streams.turn();
  }

  test("cuts a stream into full chunks, and tells its end", () => {
    const { streams, bytesOf, sizes, complete } = open();
    const { readFd, writeFd } = makeTestPipe();
    const feeder = new Feeder(writeFd);
    streams.addPipe(0, readFd);
    const bytes = makeBytes(3 * CAPTURE_CHUNK_BYTES + 5);
    for (let at = 0; at < bytes.length;) {
      at += feeder.write(bytes.subarray(at)) ?? 0;
      read(streams);
    }
    expect(complete).toEqual([]);
    feeder.close();
    read(streams);
    expect(complete).toEqual([]);
    streams.noteEnded(0);
    expect(sizes).toEqual([CAPTURE_CHUNK_BYTES, CAPTURE_CHUNK_BYTES, CAPTURE_CHUNK_BYTES, 5]);
    expect(bytesOf(0).equals(bytes)).toBe(true);
    expect(complete).toEqual([0]);
  });

  test("takes a stream for whole when its pipe has ended and it is told so, in any order", () => {
    for (const isToldFirst of [true, false]) {
      const { streams, complete } = open();
      const { readFd, writeFd } = makeTestPipe();
      const feeder = new Feeder(writeFd);
      streams.addPipe(4, readFd);
      feeder.write(Buffer.from("all"));
      if (isToldFirst) streams.noteEnded(4);
      else feeder.close();
      read(streams);
      expect(complete).toEqual([]);
      if (isToldFirst) feeder.close();
      else streams.noteEnded(4);
      read(streams);
      expect(complete).toEqual([4]);
    }
  });

  test("hands on begun chunks when asked, and when there are too many", () => {
    const { streams, bytesOf, sizes } = open();
    const pipes = Array.from({ length: CAPTURE_CHUNKS_MAX + 1 }, () => makeTestPipe({ pipeBytes: 4096 }));
    const feeders = pipes.map(({ writeFd }) => new Feeder(writeFd));
    for (const [stream, { readFd }] of pipes.entries()) streams.addPipe(stream, readFd);
    for (const [stream, feeder] of feeders.entries()) feeder.write(Buffer.from(`stream ${stream}`));
    read(streams);
    expect(sizes.length).toBe(CAPTURE_CHUNKS_MAX);
    streams.flush();
    expect(sizes.length).toBe(CAPTURE_CHUNKS_MAX + 1);
    for (const feeder of feeders) feeder.close();
    streams.settle({ wantsFiles: true });
    read(streams);
    expect(streams.isSettled).toBe(true);
    expect(bytesOf(7).toString()).toBe("stream 7");
  });

  test("settles without the end of a pipe that somebody still holds", () => {
    const { streams, bytesOf, complete } = open();
    const { readFd, writeFd } = makeTestPipe();
    const feeder = new Feeder(writeFd);
    streams.addPipe(0, readFd);
    feeder.write(Buffer.from("begun"));
    streams.settle({ wantsFiles: true });
    read(streams);
    expect({ text: bytesOf(0).toString(), complete, isSettled: streams.isSettled }).toEqual({
      text: "begun",
      complete: [],
      isSettled: true,
    });
    expect(feeder.write(Buffer.from("more"))).toBe(undefined);
    feeder.close();
  });

  test("reads a file from a position on; what cannot be read is not complete", () => {
    const { streams, bytesOf, complete, unread } = open();
    const folder = makeFolder();
    const file = join(folder, "source");
    const bytes = makeBytes(2 * CAPTURE_CHUNK_BYTES);
    writeFileSync(file, bytes);
    streams.addFile(0, { path: file, from: 100 });
    streams.addFile(1, { path: join(folder, "nothing"), from: 0 });
    streams.addFile(2, { path: folder, from: 0 });
    read(streams);
    expect(bytesOf(0).equals(bytes.subarray(100))).toBe(true);
    expect({ complete, unread }).toEqual({ complete: [0], unread: ["ENOENT", "EISDIR"] });
    expect(findOpen(folder)).toEqual([]);
  });

  test("leaves a file when it is not wanted any more", () => {
    const { streams, complete } = open();
    const file = join(makeFolder(), "source");
    writeFileSync(file, makeBytes(2 * CAPTURE_CHUNK_BYTES));
    streams.addFile(0, { path: file, from: 0 });
    streams.settle({ wantsFiles: false });
    read(streams);
    expect({ complete, isSettled: streams.isSettled }).toEqual({ complete: [], isSettled: true });
    expect(findOpen(file)).toEqual([]);
  });
});
