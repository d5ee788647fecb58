/** Plain functions as actors of a flow, and messages on their routes. */
import { describe, expect, it } from "vitest";
import { runHandlers } from "./handlers_rig.ts";
import { runtimes } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("a function maps records; several results are several records, None is none", async () => {
    const { code, lines, stderr } = await runHandlers(runtime, ["a b", "c"], {
      actors: {
        split: { handler: "steps.split", in: "in" },
        upper: { handler: "script.ts#upper", in: "split" },
        letters: { handler: "./script.ts#letters", in: "split" },
        drop: { handler: "steps.drop", in: "split" },
      },
      out: ["upper", "letters", "drop"],
    });
    expect({ code, stderr, lines: lines.toSorted() })
      .toEqual({ code: 0, stderr: "", lines: ["A", "B", "C", "a", "b", "c"] });
  });

  it("functions of classes keep their state", async () => {
    const { lines } = await runHandlers(runtime, ["x", "y"], {
      actors: {
        python: { handler: "steps.Counter.next", in: "in" },
        script: { handler: "script.ts#Counter.next", in: "in" },
      },
      out: ["python", "script"],
    });
    expect(lines.filter((line) => typeof line !== "object")).toEqual(["x", 1, "y", 2]);
    expect(lines.filter((line) => typeof line === "object"))
      .toEqual([{ payload: "x", count: 1 }, { payload: "y", count: 2 }]);
  });

  it("what goes wrong goes to error-end, with what went in, and nothing of it goes on", async () => {
    const actors = ["fail", "steal", "good_and_bad", "to_nobody"];
    const { code, lines } = await runHandlers(runtime, ["x"], {
      actors: {
        ...Object.fromEntries(actors.map((name) => [name, {
          handler: `steps.${name}`,
          mode: name === "fail" ? "payload" : "envelope",
          in: "in",
        }])),
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: [...actors, "errors"],
    });
    const failed = (message: string) => ({
      error: "processing_error",
      details: expect.objectContaining({ message: expect.stringContaining(message) }),
      original_payload: "x",
    });
    expect(code).toBe(0);
    expect(lines.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)).toEqual([
      failed("Invalid output envelope[0/1]: Actor 'nobody' not found"),
      failed(
        "Invalid output envelope[0/1]: Route modification error: already-processed actors cannot be erased. " +
          "Input route had ['steal'] (actors 0-0), but output route starts with ['thief'].",
      ),
      failed("Invalid output envelope[1/2]: Route modification error"),
      failed("bad x"),
    ]);
  });

  it("without error-end a failure is told, and the others go on", async () => {
    const { code, lines, stderr } = await runHandlers(runtime, ["a", "b"], {
      actors: { fail: { handler: "steps.fail", in: "in" }, upper: { handler: "script.ts#upper", in: "in" } },
      out: ["fail", "upper"],
    });
    expect({ code, lines }).toEqual({ code: 1, lines: ["A", "B"] });
    expect(stderr).toContain("processing_error: bad a");
    expect(stderr).toContain(
      '2 messages "Record" of a stream to "fail" were not handled: processing_error: bad',
    );
  });

  it("a function that takes too long is ended; what waits for it is not lost", async () => {
    const { code, lines } = await runHandlers(runtime, ["a", "slow", "b", "slow", "c"], {
      actors: {
        slow: { handler: "steps.slow", in: "in", timeout: "700ms" },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: ["slow", "errors"],
    });
    const late = {
      error: "timeout_error",
      details: { message: "Handler has not ended within 0.7s" },
      original_payload: "slow",
    };
    expect(code).toBe(0);
    expect(lines.filter((line) => typeof line === "string")).toEqual(["a", "b", "c"]);
    expect(lines.filter((line) => typeof line !== "string")).toEqual([late, late]);
  });

  it("the time of a function begins when its process is ready", async () => {
    const { code, lines, stderr } = await runHandlers(runtime, ["a"], {
      actors: { late: { handler: "late.give", in: "in", timeout: "3s" } },
    });
    expect([code, lines], stderr).toEqual([0, ["a"]]);
  });

  it("a process that ends while it has a message is replaced; that message is an error, the others are not", async () => {
    const { code, lines } = await runHandlers(runtime, ["a", "crash", "b", "c"], {
      actors: {
        crash: { handler: "steps.crash", in: "in", restart: { backoff: "1ms" } },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: ["crash", "errors"],
    });
    expect(code).toBe(0);
    expect(lines.filter((line) => typeof line === "string")).toEqual(["a", "b", "c"]);
    expect(lines.filter((line) => typeof line !== "string")).toEqual([{
      error: "processing_error",
      details: { message: "Actor 'crash' ended while it handled the message" },
      original_payload: "crash",
    }]);
  });

  it("a message that goes round for ever is stopped", async () => {
    const { code, lines } = await runHandlers(runtime, [0], {
      actors: {
        round: { handler: "steps.round_and_round", mode: "envelope", in: "in" },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors" },
      out: ["round", "errors"],
    });
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [{
        error: "processing_error",
        details: {
          message:
            'Invalid output envelope[0/1]: Cannot send a message on to "round": it has passed 1000 actors (expected an end before)',
        },
        original_payload: 0,
      }],
    });
  });

  it("lenient: handlers move themselves; unchecked: they may do anything", async () => {
    const run = async (validate: unknown) => {
      const { lines } = await runHandlers(runtime, [{ value: 1, via: ["first", "second", "third"] }], {
        actors: {
          choose: { handler: "steps.choose_and_move", mode: "envelope", validate, in: "in" },
          first: { handler: "steps.fail" },
          second: { handler: "steps.show", mode: "envelope" },
          third: { handler: "steps.show", mode: "envelope" },
        },
        out: ["second", "third"],
      });
      return lines.map(({ at, payload }) => [at, payload.at]);
    };
    // From the second it goes on to the third by itself, with what the second has shown.
    expect(await run("lenient")).toEqual([[["choose", "first", "second"], ["choose", "first"]]]);
    expect(await run(false)).toEqual([[["choose", "first", "second"], undefined]]);
  });

  it("a pool shares the work", async () => {
    const { lines } = await runHandlers(runtime, [...Array(60).keys()], {
      actors: { pid: { handler: "steps.pid", in: "in", supervisor: { type: "pool", size: 3 } } },
      out: "pid",
    });
    expect({ messages: lines.length, processes: new Set(lines).size }).toEqual({
      messages: 60,
      processes: 3,
    });
  });
});
