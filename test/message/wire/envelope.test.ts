import { describe, expect, test } from "vitest";
import { ByteBuffer } from "../../../lib/data/byte_buffer.ts";
import { EnvelopeScanner, FIELDS } from "../../../lib/message/wire/envelope_scanner.ts";
import { writeEnvelope, writeHead } from "../../../lib/message/wire/envelope_writer.ts";
import { MessageIds } from "../../../lib/message/wire/message_ids.ts";
import { makeRandom } from "../random.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function scan(
  line: string | Uint8Array,
): { readonly problem: unknown; readonly fields: Record<string, string> } {
  const text = typeof line === "string" ? encoder.encode(line) : line;
  const bytes = new Uint8Array([...text, 0x0a]);
  const scanner = new EnvelopeScanner();
  const problem = scanner.scan(bytes, 0, text.length);
  const fields: Record<string, string> = {};
  for (const [field, name] of FIELDS.entries()) {
    const raw = scanner.raw(bytes, field);
    if (raw !== undefined) fields[name] = decoder.decode(raw);
  }
  return { problem, fields };
}

describe("EnvelopeScanner", () => {
  test("finds the keys in any order, and leaves the payload as it is written", () => {
    expect(scan('{ "message" : {"a": [1, {"receiver":"no"}]} ,"x":1, "receiver":"b","message_type":"T"}'))
      .toEqual({
        problem: undefined,
        fields: { message_type: '"T"', receiver: '"b"', message: '{"a": [1, {"receiver":"no"}]}' },
      });
  });

  test("takes null for nothing, but for the payload; the last of two counts", () => {
    expect(scan('{"receiver":"a","receiver":null,"message":1,"message":null}').fields).toEqual({
      message: "null",
    });
  });

  test.each<[string, unknown]>([
    ["", { kind: "empty" }],
    ["   ", { kind: "empty" }],
    ["[1]", { kind: "no-object" }],
    ["12", { kind: "no-object" }],
    ['"text"', { kind: "no-object" }],
    ["{", { kind: "no-json" }],
    ['{"message":1', { kind: "no-json" }],
    ['{"message":1}}', { kind: "no-json" }],
    ['{"message":1} {"message":2}', { kind: "no-json" }],
    ['{"message":NaN}', { kind: "no-json" }],
    ['{"message":01}', { kind: "no-json" }],
    ['{"message":"a\tb"}', { kind: "no-json" }],
    ['{"message":"\\x"}', { kind: "no-json" }],
    ["not json", { kind: "no-json" }],
    [`{"message":${"[".repeat(300)}${"]".repeat(300)}}`, { kind: "no-json" }],
    ["{}", { kind: "wrong-key", key: "message_type", expected: "one of message_type and message" }],
    ['{"message_type":1}', { kind: "wrong-key", key: "message_type", expected: "a string" }],
    ['{"message":1,"route":[]}', { kind: "wrong-key", key: "route", expected: "an object" }],
    ['{"message":1,"priority":256}', {
      kind: "wrong-key",
      key: "priority",
      expected: "a whole number from 0 to 255",
    }],
    ['{"message":1,"priority":-1}', {
      kind: "wrong-key",
      key: "priority",
      expected: "a whole number from 0 to 255",
    }],
    ['{"message":1,"priority":"9"}', {
      kind: "wrong-key",
      key: "priority",
      expected: "a whole number from 0 to 255",
    }],
  ])("says of %j: %j", (line, problem) => {
    expect(scan(line).problem).toEqual(problem);
  });

  test("refuses what is no UTF-8, also within strings", () => {
    expect(
      scan(new Uint8Array([...encoder.encode('{"message":"'), 0xc3, 0x28, ...encoder.encode('"}')])).problem,
    )
      .toEqual({ kind: "not-utf8" });
    expect(scan('{"message":"grüße 🌍"}').problem).toBeUndefined();
  });

  test("agrees with JSON.parse on damaged lines", () => {
    const { random, seed } = makeRandom();
    const whole =
      '{"message_type":"T","message":{"a":[1,-2.5e3,true,null,"x\\u00e9\\n"],"b":{}},"priority":3}';
    for (let round = 0; round < 20_000; round++) {
      const at = Math.floor(random() * whole.length);
      const letters = '{}[]",:0123eE.-+tfn\\u \t';
      const letter = letters[Math.floor(random() * letters.length)] ?? "";
      const line = random() < 0.5
        ? `${whole.slice(0, at)}${letter}${whole.slice(at + 1)}`
        : `${whole.slice(0, at)}${whole.slice(at + 1)}`;
      let isJson = true;
      try {
        JSON.parse(line);
      } catch {
        isJson = false;
      }
      const { problem } = scan(line);
      const isValid = problem === undefined || (problem as { kind: string }).kind !== "no-json";
      expect(isValid, `${line}, seed ${seed}`).toBe(isJson);
    }
  });

  test("tells of a key written with escapes", () => {
    const bytes = encoder.encode('{"mess\\u0061ge":1,"message":2}\n');
    const scanner = new EnvelopeScanner();
    expect([scanner.scan(bytes, 0, bytes.length - 1), scanner.isEscaped]).toEqual([undefined, true]);
  });
});

describe("writeEnvelope()", () => {
  test("sets sender and identity, whatever the actor claims, and keeps the rest in its order", () => {
    const line = encoder.encode(
      '{"message":{"n": 1},"sender_actor":"forged","error":{"code":"E","message":"m"},"priority":9,"headers":{},"unknown":1,"message_type":"T","correlation_id":"c"}\n',
    );
    const scanner = new EnvelopeScanner();
    scanner.scan(line, 0, line.length - 1);
    const out = new ByteBuffer(8);
    const ids = new MessageIds("01234567-89ab-4def-8123-456789abcdef");
    ids.next();
    const head = writeHead({ type: '"T"', receiver: "b", sender: "a", endpoint: "sluice://run" });
    writeEnvelope(out, { head, id: ids.bytes, line, scanner });
    expect(decoder.decode(out.bytes.subarray(out.start, out.end))).toBe(
      '{"message_type":"T","receiver":"b","sender_actor":"a","sender_endpoint":"sluice://run",' +
        '"message_id":"01234567-89ab-4def-8123-000000000001","correlation_id":"c","priority":9,"headers":{},' +
        '"error":{"code":"E","message":"m"},"message":{"n": 1}}\n',
    );
  });
});

describe("MessageIds", () => {
  test("counts, and knows its own", () => {
    const ids = new MessageIds("01234567-89ab-4def-8123-456789abcdef");
    for (let round = 1; round <= 300; round++) expect(ids.next()).toBe(round);
    const text = decoder.decode(ids.bytes);
    expect(text).toBe("01234567-89ab-4def-8123-00000000012c");
    expect(ids.text(300)).toBe(text);
    const parse = (id: string): number => ids.parse(encoder.encode(id), 0, id.length);
    expect([parse(text), parse(text.replace("8123", "8124")), parse("x"), parse(ids.text(301))]).toEqual([
      300,
      -1,
      -1,
      -1,
    ]);
  });
});
