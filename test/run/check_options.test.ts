import { Readable, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { flow, run } from "../../mod.ts";
import { checkOptions } from "../../lib/run/check_options.ts";

const WRONG: readonly (readonly [object, string])[] = [
  ...[0, NaN, -1, 1e300, 1.5, "2", null, {}, Infinity].map((processes) =>
    [{ processes }, 'Cannot use option "processes": it is'] as const
  ),
  [{ start: "later" }, '"start": it is "later" (expected "eager" or "lazy")'],
  [{ until: true }, '"until": it is true (expected "end" or "signal")'],
  [{ selection: "a" }, '"selection": it is "a"'],
  [{ selection: { kind: "only", actors: "a" } }, '"selection": it is an object'],
  [{ selection: { kind: "stop-after" } }, '"selection"'],
  [{ db: "" }, '"db": it is "" (expected the path of a file)'],
  [{ db: true }, '"db"'],
  [{ loadState: "a\0b" }, '"loadState"'],
  [{ resume: "yes" }, '"resume": it is "yes" (expected true or false)'],
  [{ resume: true, db: "a", loadState: "b" }, 'Cannot combine "resume" and "loadState"'],
  [{ cache: true }, '"cache": it is true (expected the path of a folder, or false)'],
  [{ stdin: "hello" }, '"stdin": it is "hello" (expected "inherit", "ignore", bytes, {text: "…"}'],
  [{ stdin: { text: 5 } }, '"stdin"'],
  [{ stdin: new Writable() }, '"stdin"'],
  [{ stdin: null }, '"stdin": it is null'],
  [{ stdout: "pipe" }, '"stdout": it is "pipe"'],
  [{ stdout: new Readable() }, '"stdout"'],
  [{ stdout: [] }, '"stdout": it is a list'],
  [{ signal: "SIGINT" }, '"signal": it is "SIGINT" (expected an AbortSignal)'],
  [{ killSignal: new AbortController() }, '"killSignal"'],
  [{ onEvent: {} }, '"onEvent": it is an object (expected a function)'],
  [{ wantsProgress: 1 }, '"wantsProgress": it is 1'],
  [{ timeout: "5s" }, 'Cannot use option "timeout": there is no such option (options: selection, start,'],
  [{ toString: "x" }, 'Cannot use option "toString"'],
];

describe("checkOptions()", () => {
  it.each(WRONG)("refuses %o", (options, message) => {
    expect(() => checkOptions(options)).toThrow(TypeError);
    expect(() => checkOptions(options)).toThrow(message);
  });

  it("takes what is allowed, and what is not there", () => {
    expect(() =>
      checkOptions({
        processes: 1,
        start: "lazy",
        selection: { kind: "only", actors: ["a"] },
        db: undefined,
        cache: false,
        stdin: new ReadableStream(),
        stdout: new WritableStream(),
        signal: AbortSignal.timeout(1000),
      })
    ).not.toThrow();
    expect(() => checkOptions({ stdin: Readable.from(["a"]), stdout: new Writable() })).not.toThrow();
    expect(() => checkOptions({ stdin: { text: "a" }, stdout: "capture" })).not.toThrow();
  });

  it("run() rejects before anything is started", async () => {
    const one = flow({ actors: { a: { run: ["true"] } } });
    // @ts-expect-error a program without types may give anything
    await expect(run(one, { processes: "2" })).rejects.toThrow('"processes": it is "2"');
    // @ts-expect-error the same
    await expect(run({ actors: { a: { run: ["true"] } } })).rejects.toThrow("it is no checked flow");
    // @ts-expect-error the same
    await expect(run(one, null)).rejects.toThrow("Cannot use options: they are null");
  });
});
