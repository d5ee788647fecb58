/** Between lines of the bus and frames of other programs. */
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { EnvelopeScanner } from "../../../lib/message/wire/envelope_scanner.ts";
import { FrameReader } from "../../../lib/run/remotes/read_frame.ts";
import { FrameWriter } from "../../../lib/run/remotes/frame_writer.ts";

const reader = new FrameReader({
  own: ["tcp://localhost:5001"],
  declared: new Map([["pong@tcp://localhost:5002", "far"]]),
});
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The line that a frame becomes, as the bus reads it; what is wrong with it otherwise. */
function read(frame: object | string, address: string | undefined = "127.0.0.1"): unknown {
  const result = reader.read(encode(typeof frame === "string" ? frame : JSON.stringify(frame)), address);
  if (result.is !== "line") return result;
  expect(result.line.at(-1)).toBe(0x0a);
  expect(result.line.indexOf(0x0a)).toBe(result.line.length - 1);
  expect(new EnvelopeScanner().scan(result.line, 0, result.line.length - 1)).toBeUndefined();
  const { ack: _, nack: __, sender_key: ___, ...line } = JSON.parse(decode(result.line)) as Record<
    string,
    unknown
  >;
  return { from: result.from, ...line };
}

const PING = { message_type: "Ping", receiver: "a", sender_actor: "ping", message: { n: 1 } };
const at = (sender_endpoint: string, more: object = {}): object => ({ ...PING, sender_endpoint, ...more });

test("who has sent it is looked up by name and endpoint", () => {
  expect(read(at("tcp://host:5"))).toMatchObject({ from: undefined, sender_actor: "ping@tcp://host:5" });
  expect(read(at("tcp://127.0.0.1:5002", { sender_actor: "pong" }))).toMatchObject({
    from: "far",
    sender_actor: "far",
  });
  expect(read(at("tcp://localhost:5002", { sender_actor: "pong~1" }))).toMatchObject({ from: "far" });
  expect(read(at("tcp://localhost:5003", { sender_actor: "pong" }))).toMatchObject({ from: undefined });
  for (const nameless of [PING, at("tcp://*:1"), at("nowhere"), at("tcp://host:5", { sender_actor: null })]) {
    expect(read(nameless)).toMatchObject({ from: undefined, sender_actor: "@" });
  }
});

test.each([
  [
    "as the flow itself",
    at("tcp://127.0.0.1:5001"),
    "127.0.0.1",
    'it claims to come from this flow, as "ping"',
  ],
  [
    "as the engine",
    at("tcp://h:1", { sender_actor: "$engine" }),
    "10.0.0.1",
    'its sender cannot be called "$engine"',
  ],
  [
    "with an address for a name",
    at("tcp://h:1", { sender_actor: "a@b" }),
    "10.0.0.1",
    'its sender cannot be called "a@b"',
  ],
  [
    "as somebody of this machine, from elsewhere",
    at("tcp://localhost:5002", { sender_actor: "pong" }),
    "10.0.0.1",
    "it comes from 10.0.0.1 and claims to come from tcp://localhost:5002, of this machine",
  ],
  [
    "with a path, from elsewhere",
    at("ipc:///run/x"),
    "10.0.0.1",
    "it comes from 10.0.0.1 and claims to come from ipc:///run/x, of this machine",
  ],
])("nobody can speak %s", (_, frame, address, problem) => {
  expect(read(frame, address)).toEqual({ is: "broken", problem });
});

test("words for the engine say nothing when they come from outside", () => {
  const line = read({ ...PING, ack: "1", nack: "2", sender_key: "3" });
  expect(line).toMatchObject({ receiver: "a", message: { n: 1 } });
  for (const receiver of ["$spawn", "b@tcp://host:1"]) {
    expect(read(at("tcp://h:1", { receiver }))).toEqual({
      is: "refused",
      reason: `Actor '${receiver}' not found`,
      type: "Ping",
      receiver,
      sender: "ping@tcp://h:1",
    });
  }
});

test("numbers stay as they are written, and line breaks between words are blanks", () => {
  const frame =
    '{"message_type":"P",\n"receiver":"a",\r\n"message":{"n":12345678901234567890,"x":1.0,"t":"a\\nb"}}\n';
  const result = reader.read(encode(frame), undefined);
  expect(result.is === "line" && decode(result.line)).toContain(
    '{"n":12345678901234567890,"x":1.0,"t":"a\\nb"}',
  );
});

test("what comes to the name of a question is its answer", () => {
  expect(read(at("tcp://h:1", { receiver: "a~id-1" }))).toMatchObject({
    receiver: "a",
    correlation_id: "id-1",
  });
  const own = at("tcp://h:1", { receiver: "a~id-1", correlation_id: "other" });
  expect(read(own)).toMatchObject({ receiver: "a", correlation_id: "other" });
  const reject = { message_type: "Reject", message: { message_type: "X", reason: "no", rejected_by: "b" } };
  expect(read({ ...reject, receiver: "a~1" })).toMatchObject({ error: { code: "REJECTED", message: "no" } });
  expect(read({ ...reject, receiver: "a" })).toMatchObject({
    message: { message_type: "X", reason: "no", rejected_by: "b", code: "REJECTED" },
  });
});

const HEAD = { message_type: "Ping", receiver: "far", sender_actor: "a", sender_endpoint: "sluice://run" };
const line = (more: object): Buffer => Buffer.from(JSON.stringify({ ...HEAD, message_id: "i", ...more }));
const writer = new FrameWriter({
  home: "tcp://localhost:5001",
  place: { actor: "pong", endpoint: "tcp://localhost:5002" },
});
const written = (given: Buffer): object => {
  const frame = writer.write(given);
  return { endpoint: frame?.endpoint, ...JSON.parse(decode(frame?.frame ?? new Uint8Array())) as object };
};

test("FrameWriter writes whom others know, and the rest as it is", () => {
  const common = {
    endpoint: "tcp://localhost:5002",
    message_type: "Ping",
    receiver: "pong",
    sender_actor: "a",
    sender_endpoint: "tcp://localhost:5001",
    message_id: "i",
  };
  expect(written(line({ message: { n: 1 } }))).toEqual({ ...common, message: { n: 1 } });
  expect(written(line({ message: null }))).toEqual({ ...common, message: {} });
  const answer = { correlation_id: "q", headers: { x: 1 }, message: '","message":' };
  expect(written(line(answer))).toEqual({ ...common, ...answer });
  expect(written(line({ headers: { ask: 50 }, message: 1 }))).toMatchObject({ sender_actor: "a~i" });
  const exact = Buffer.from(line({ message: 1 }).toString().replace(/1}$/, "12345678901234567890}"));
  expect(decode(writer.write(exact)?.frame ?? new Uint8Array())).toMatch(/"message":12345678901234567890}$/);
});

test("FrameWriter gives the original what it takes of a Reject, and no more", () => {
  const message = { message_type: "X", reason: "no", code: "NO_ACTOR", rejected_by: "b", envelope: {} };
  const rejected = line({ message_type: "Reject", sender_actor: "$engine", message });
  expect(written(rejected)).toEqual({
    endpoint: "tcp://localhost:5002",
    message_type: "Reject",
    receiver: "pong",
    sender_actor: null,
    sender_endpoint: "tcp://localhost:5001",
    message: { message_type: "X", reason: "no", rejected_by: "b" },
  });
  expect(written(line({ message_type: "Reject", correlation_id: "i", message }))).toEqual({
    endpoint: "tcp://localhost:5002",
    message_type: "Reject",
    receiver: "pong",
    sender_actor: "a",
    sender_endpoint: "tcp://localhost:5001",
    correlation_id: "i",
    message: { message_type: "X", reason: "no", rejected_by: "b" },
  });
});

test("FrameWriter finds strangers by their addresses", () => {
  const strangers = new FrameWriter({ home: undefined });
  const to = (receiver: string): unknown => {
    const found = strangers.write(line({ receiver, message: 1 }));
    return [
      found?.endpoint,
      (JSON.parse(decode(found?.frame ?? new Uint8Array())) as { receiver: string }).receiver,
    ];
  };
  expect(to("ping@tcp://h:1")).toEqual(["tcp://h:1", "ping"]);
  expect(to("a~1@ipc:///x")).toEqual(["ipc:///x", "a~1"]);
  expect(to("@")).toEqual(["", ""]);
});
