/** Bytes of ZMTP, without a connection. */
import { expect, test } from "vitest";
import { formatPing, formatPong, formatReady, readCommand } from "../../lib/zmtp/commands.ts";
import { formatEndpoint, isLoopback, readEndpoint } from "../../lib/core/endpoint.ts";
import { FrameQueue } from "../../lib/zmtp/frame_queue.ts";
import { FrameReader, readHead } from "../../lib/zmtp/frames.ts";
import { makeGreeting, readGreeting } from "../../lib/zmtp/greeting.ts";
import { frame } from "./raw_peer.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function readerOf(messageBytesMax = 1000) {
  const frames: string[] = [];
  const reader = new FrameReader({
    messageBytesMax,
    commandBytesMax: 10,
    onFrame: ({ isCommand, hasMore }, body) =>
      frames.push(`${isCommand ? "command " : ""}${hasMore ? "more " : ""}${text(body)}`),
  });
  return { reader, frames };
}

test.each([
  ["tcp://localhost:5002", { kind: "tcp", host: "localhost", port: 5002 }],
  ["tcp://[::1]:65535", { kind: "tcp", host: "::1", port: 65535 }],
  ["ipc:///run/a.sock", { kind: "ipc", path: "/run/a.sock" }],
])("readEndpoint() reads %s", (given, expected) => {
  expect(readEndpoint(given, "connect")).toEqual(expected);
  expect(formatEndpoint(expected as never)).toBe(given);
});

test.each(
  [
    ["tcp://*:5002", "listen", { kind: "tcp", host: "*", port: 5002 }],
    ["tcp://127.0.0.1:*", "listen", { kind: "tcp", host: "127.0.0.1", port: 0 }],
    ["tcp://*:5002", "connect", "it names no host, or no port"],
    ["tcp://localhost:0", "connect", "it names no host, or no port"],
    ["tcp://localhost:70000", "listen", "port 70000 is none"],
    ["tcp://localhost", "connect", "it is no endpoint"],
    ["http://localhost:1", "connect", "it is no endpoint"],
    ["tcp://a b:1", "connect", "it is no endpoint"],
    ["ipc://", "listen", "it has no path"],
    ["ipc://@abstract", "listen", "its path names no file"],
    [`ipc:///${"x".repeat(200)}`, "listen", "its path is longer than 103 bytes"],
  ] as const,
)("readEndpoint() says what it thinks of %s to %s", (given, use, expected) => {
  expect(readEndpoint(given, use)).toEqual(expected);
});

test("isLoopback() knows this machine", () => {
  const hosts = [
    "localhost",
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "::ffff:127.0.0.1",
    "10.0.0.1",
    "127.0.0.1.org",
  ];
  expect(hosts.map(isLoopback)).toEqual([true, true, true, true, true, false, false]);
});

test("FrameReader gives frames wherever they are cut", () => {
  const long = "y".repeat(700);
  const bytes = new Uint8Array([
    ...frame("a"),
    ...frame(""),
    ...frame(long),
    ...frame("b", 1),
    ...frame("PING", 4),
  ]);
  const expected = ["a", "", long, "more b", "command PING"];
  for (const size of [1, 2, 3, 7, 255, 256, bytes.length]) {
    const { reader, frames } = readerOf();
    for (let at = 0; at < bytes.length; at += size) {
      expect(reader.take(bytes.subarray(at, at + size))).toBeUndefined();
    }
    expect(frames).toEqual(expected);
    expect(reader.isInFrame).toBe(false);
  }
});

test("FrameReader refuses what is too long before it has come, and flags that mean nothing", () => {
  expect(readerOf(5).reader.take(frame("123456").subarray(0, 2))).toBe(
    "a message of 6 bytes is longer than 5",
  );
  expect(readerOf().reader.take(frame("12345678901", 4))).toBe("a command of 11 bytes is longer than 10");
  const huge = new Uint8Array([2, 255, 255, 255, 255, 255, 255, 255, 255]);
  expect(readerOf().reader.take(huge)).toMatch(/^a message of 1844674\d+ bytes is longer than 1000$/);
  expect(readerOf().reader.take(new Uint8Array([0x47, 0]))).toBe("a frame has flags 71, which mean nothing");
  expect(readerOf().reader.take(new Uint8Array([5, 0]))).toBe("a frame has flags 5, which mean nothing");
});

test("FrameQueue gives whole frames in order, and counts what waits", () => {
  const queue = new FrameQueue();
  const messages = Array.from({ length: 500 }, (_, index) => `${index} ${"z".repeat((index * 37) % 2000)}`);
  for (const message of messages) queue.put(new TextEncoder().encode(message));
  expect(queue.messages).toBe(500);
  const { reader, frames } = readerOf(10_000);
  for (let batch = queue.take(); batch !== undefined; batch = queue.take()) reader.take(batch.data);
  expect(frames).toEqual(messages);
  expect([queue.messages, queue.bytes]).toEqual([0, 0]);
});

test("readHead() tells that a head is not there yet", () => {
  expect(
    [new Uint8Array(0), new Uint8Array([0]), new Uint8Array([2, 0, 0])].map((bytes) => readHead(bytes, 0)),
  )
    .toEqual([undefined, undefined, undefined]);
});

test("readGreeting() reads versions, and says at once what is none", () => {
  const greeting = makeGreeting();
  const change = (...[at, value]: [number, number]) =>
    greeting.map((byte, index) => index === at ? value : byte);
  expect(readGreeting(greeting)).toEqual({ is: "whole", heartbeats: true });
  expect(readGreeting(change(11, 0))).toEqual({ is: "whole", heartbeats: false });
  expect(readGreeting(greeting.subarray(0, 63))).toEqual({ is: "partial" });
  expect(readGreeting(new TextEncoder().encode("G"))).toMatchObject({ is: "wrong" });
  expect(readGreeting(change(9, 0x7e).subarray(0, 10))).toMatchObject({ is: "wrong" });
  expect(readGreeting(change(10, 1).subarray(0, 11))).toEqual({
    is: "wrong",
    reason: "it speaks version 1 of ZMTP (expected 3.0 or later, of ZeroMQ 4)",
  });
  expect(readGreeting(change(12, 0x4d))).toEqual({
    is: "wrong",
    reason: 'it wants mechanism "MULL" (expected NULL)',
  });
});

test("readCommand() reads what is written, and what is cut off is none", () => {
  expect(readCommand(formatReady("PULL"))).toEqual({
    name: "READY",
    properties: new Map([["socket-type", "PULL"]]),
  });
  expect(readCommand(formatPing(6000))).toEqual({ name: "PING", ttlMs: 6000, context: new Uint8Array(0) });
  expect(readCommand(formatPong(new Uint8Array([1])))).toEqual({ name: "PONG" });
  expect(readCommand(new TextEncoder().encode("\x09SUBSCRIBEx"))).toEqual({ name: "OTHER" });
  expect(readCommand(formatReady("PULL").slice(0, -1))).toBe("its READY is cut off");
  expect(readCommand(new Uint8Array(0))).toBe("a command has no name");
  expect(readCommand(new Uint8Array([9, 65]))).toBe("a command has no name");
  expect(readCommand(new TextEncoder().encode("\x04PING\0"))).toBe("its PING is no PING");
});
