/** Every way to carry bytes, with more of them than all buffers on the way hold together. */
import { describe, expect, it } from "vitest";
import { runFlow, runtimes } from "./rig.ts";

/** 12 MB in lines of odd lengths: no buffer holds a whole number of them. */
const LINES = 120_000;
const REST = ` ${"x".repeat(92)}`;
const BYTES = Array.from({ length: LINES }, (_, at) => `${at + 1}${REST}\n`).join("").length;
const lines = { run: ["seq", "-f", `%.0f${REST}`, String(LINES)] };
const wc = (...streams: readonly string[]): object => ({ run: ["wc", "-c"], in: streams });
/** One line as long. */
const zeros = { run: ["head", "-c", String(BYTES), "/dev/zero"] };
const cat = (from: string, more: object = {}): object => ({ run: ["cat"], in: from, ...more });
const workers = (more: object): object => ({ workers: { count: 2, ...more } });

const CASES: readonly (readonly [string, object, number])[] = [
  ["workers by key, lines as they come", {
    lines,
    work: cat("lines", workers({ by: "key", key: 1, order: "any" })),
    sum: wc("work"),
  }, BYTES],
  ["workers by key, each of which writes one line", {
    lines,
    work: { run: ["tr", "-d", "\n"], in: "lines", ...workers({ by: "key", key: 1, order: "any" }) },
    sum: wc("work"),
  }, BYTES - LINES + 2],
  ["a stream and what one makes of it, by lines, without a line break", {
    zeros,
    copy: cat("zeros"),
    sum: { ...wc("zeros", "copy"), merge: "lines" },
  }, 2 * BYTES + 2],
  ["a stream and what one makes of it, by lines, to workers", {
    lines,
    copy: cat("lines"),
    work: { ...cat("lines", workers({})), in: ["lines", "copy"], merge: "lines" },
    sum: wc("work"),
  }, 2 * BYTES],
  ["two pools with a process for each small block, one after the other", {
    lines,
    one: cat("lines", workers({ count: 1, block: "64KiB" })),
    four: cat("lines", workers({ count: 4, block: "64KiB" })),
    sum: wc("one", "four"),
  }, 2 * BYTES],
];

describe.each(runtimes)("on $name", (runtime) => {
  it.each(CASES)("%s", async (_, actors, bytes) => {
    expect(await runFlow(runtime, { actors })).toEqual({
      code: 0,
      signal: null,
      stdout: `${bytes}\n`,
      stderr: "",
    });
  });
});
