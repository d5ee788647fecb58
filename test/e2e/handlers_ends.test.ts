/** Where messages of plain functions end: who asked, happy-end, error-end. */
import { describe, expect, it } from "vitest";
import { runHandlers } from "./handlers_rig.ts";
import { runtimes } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("a message goes from actor to actor, and past the end to happy-end", async () => {
    const { code, lines, stderr } = await runHandlers(runtime, [
      { value: "a b", via: ["split", "upper", "show"] },
      { value: "c", via: [] },
      { value: "d", via: ["upper", "drop", "show"] },
    ], {
      actors: {
        choose: { handler: "steps.choose", mode: "envelope", in: "in" },
        split: { handler: "steps.split" },
        upper: { handler: "script.ts#upper" },
        show: { handler: "steps.show", mode: "envelope" },
        drop: { handler: "steps.drop" },
        end: { handler: "steps.show", mode: "envelope" },
      },
      aliases: { "happy-end": "end" },
      out: "end",
    });
    const headers = { from: "choose" };
    const way = ["choose", "split", "upper", "show"];
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)).toEqual([
      // What ended on the way comes as it was.
      { payload: "D", at: ["choose", "upper"], parent: false, headers },
      { payload: "c", at: ["choose"], parent: false, headers },
      {
        payload: { payload: "A", at: way.slice(0, 3), parent: false, headers },
        at: way,
        parent: false,
        headers,
      },
      {
        payload: { payload: "B", at: way.slice(0, 3), parent: true, headers },
        at: way,
        parent: true,
        headers,
      },
    ]);
  });

  it("who asks gets the answer of the last actor of the route, or the error", async () => {
    const { code, lines } = await runHandlers(runtime, [], {
      actors: {
        asker: { run: ["python3", "asker.py"], protocol: "messages" },
        upper: { handler: "script.ts#upper" },
        split: { handler: "steps.split" },
        drop: { handler: "steps.drop" },
        fail: { handler: "steps.fail" },
        crash: { handler: "steps.crash" },
        errors: { handler: "steps.echo" },
      },
      aliases: { "error-end": "errors", "happy-end": "errors" },
      out: ["asker", "errors"],
    });
    const error = (message: string) => expect.objectContaining({ code: "processing_error", message });
    expect({ code, lines }).toEqual({
      code: 0,
      lines: expect.arrayContaining([
        ["a"],
        ["A"],
        [null],
        error("bad A B"),
        error("Actor 'crash' ended while it handled the message"),
        // Of several answers the first is for who asked; the others are at their end.
        "b",
        "B",
      ]),
    });
    expect(lines.length).toBe(7);
  });

  it("several end a route together, or what failed on it: each gets the message, and nothing comes back", async () => {
    const { code, lines, stderr } = await runHandlers(runtime, ["a"], {
      actors: {
        upper: { handler: "script.ts#upper", in: "in" },
        fail: { handler: "steps.fail", in: "in" },
        one: { handler: "steps.echo" },
        two: { handler: "steps.echo" },
        error: { handler: "steps.echo" },
        failing: { handler: "steps.fail" },
      },
      aliases: { "happy-end": ["one", "two"], "error-end": ["error", "failing"] },
      out: ["one", "two", "error", "failing"],
    });
    const texts = lines.map((line) => typeof line === "string" ? line : line.details.message);
    expect({ code, texts: texts.toSorted() }, stderr).toEqual({ code: 1, texts: ["A", "A", "bad a"] });
    expect(stderr).toContain("processing_error: bad {");
  });
});
