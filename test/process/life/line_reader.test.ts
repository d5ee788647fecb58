import { expect, test } from "vitest";
import { STDERR_LINE_BYTES_MAX } from "../../../lib/core/limits/process.ts";
import { readLines } from "../../../lib/process/life/line_reader.ts";

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  const told: string[] = [];
  const waiting = chunks.map((chunk) => typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  await readLines(
    { read: () => Promise.resolve(waiting.shift()), close: () => undefined },
    { onLines: (lines) => told.push(lines) },
  );
  return told;
}

test("lines that come together are told together", async () => {
  expect(await linesOf("a\nb\nc", "d\n", "\n", "e")).toEqual(["a\nb", "cd", "", "e"]);
});

test("a carriage return at the end of a line is none of it, wherever a chunk ends", async () => {
  expect(await linesOf("a\r\nb\r", "\nc\rd\r\n")).toEqual(["a", "b\nd"]);
  expect(await linesOf("a\r", "\r\n\r\nb\r\r")).toEqual(["a\n", "b"]);
});

test("characters may be divided between chunks, and bytes may be none", async () => {
  const euro = new TextEncoder().encode("€\n");
  expect(await linesOf(euro.slice(0, 1), euro.slice(1))).toEqual(["€"]);
  expect(await linesOf(new Uint8Array([0xff, 10]))).toEqual(["\ufffd"]);
});

test("a line that is too long is told in pieces, among others and alone", async () => {
  const long = "x".repeat(STDERR_LINE_BYTES_MAX);
  expect(await linesOf(`a\n${long}y\n${long}\nb\n`)).toEqual([`a\n${long}\ny\n${long}\nb`]);
  expect(await linesOf(`${long}yz`)).toEqual([long, "yz"]);
  expect(await linesOf(long, long, "\n")).toEqual([long, long]);
});

test("of a line that is written anew the last state is told, wherever a chunk ends, and no more is kept", async () => {
  expect(await linesOf("1 %\r2", " %\r", "3 %\nend\n")).toEqual(["3 %\nend"]);
  expect(await linesOf("1 %", "\r2 %\r")).toEqual(["2 %"]);
  const bar = `\r${"#".repeat(STDERR_LINE_BYTES_MAX - 10)}`;
  expect(await linesOf(...Array.from({ length: 50 }, () => bar), "\rdone\n")).toEqual(["done"]);
});

test("what stands in a line that has not ended is told, until it has", async () => {
  const told: unknown[] = [];
  const waiting = ["a\nPass", "word: ", "ok\n", "1 %\r", "2 %\r3 %", "\n", "x"];
  await readLines(
    {
      read: () => {
        const next = waiting.shift();
        return Promise.resolve(next === undefined ? next : new TextEncoder().encode(next));
      },
      close: () => undefined,
    },
    {
      onLines: (lines) => told.push(lines),
      onOpen: (text, isRewritten) => told.push([text, isRewritten]),
    },
  );
  expect(told).toEqual([
    "a",
    ["Pass", false],
    ["Password: ", false],
    "Password: ok",
    ["", false],
    ["1 %", true],
    ["3 %", true],
    "3 %",
    ["", false],
    ["x", false],
    "x",
    ["", false],
  ]);
});
