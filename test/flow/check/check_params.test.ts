import { describe, expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

describe("checkFlow() fills parameters", () => {
  test("everywhere they are allowed, once", () => {
    const flow = flowOf({
      params: { x: { default: "{param.y}" }, y: { default: 2 }, z: {} },
      env: { E: "{param.y}" },
      actors: {
        a: { run: ["p{param.y}", "{param.x}"], cwd: "w{param.y}", env: { F: "<{param.z}>" } },
        b: { value: { k: ["{param.z}"], "{param.y}": true } },
        c: { file: "f{param.y}" },
        d: { sh: "echo $SLUICE_PARAM_Z" },
      },
      out: { "o{param.y}": "a" },
    }, { params: { z: "given" } });
    const env = { SLUICE_PARAM_X: "{param.y}", SLUICE_PARAM_Y: "2", SLUICE_PARAM_Z: "given", E: "2" };
    const bytes = new TextEncoder().encode('{"k":["given"],"{param.y}":true}\n');
    expect([...flow.actors.values()].map(({ source, cwd, env }) => ({ source, cwd, env }))).toEqual([
      { source: { kind: "run", argv: ["p2", "{param.y}"] }, cwd: "/flows/w2", env: { ...env, F: "<given>" } },
      { source: { kind: "value", bytes }, cwd: "/flows", env: {} },
      { source: { kind: "file", path: "/flows/f2" }, cwd: "/flows", env: {} },
      { source: { kind: "sh", script: "echo $SLUICE_PARAM_Z" }, cwd: "/flows", env },
    ]);
    expect(flow.outputs).toEqual([{
      target: "/flows/o2",
      key: "o{param.y}",
      streams: [{ actor: "a", port: "stdout" }],
    }]);
  });

  test("with a given value before a default, also an empty one", () => {
    const flow = flowOf({ params: { x: { default: "d" } }, actors: { a: { run: ["a", "{param.x}"] } } }, {
      params: { x: "" },
    });
    expect(flow.actors.get("a")?.source).toEqual({ kind: "run", argv: ["a", ""] });
  });

  test("and lets the flow's own variable of that name win", () => {
    const flow = flowOf({
      params: { x: { default: "d" } },
      actors: { a: { sh: "a", env: { SLUICE_PARAM_X: "own" } } },
    });
    expect(flow.actors.get("a")?.env).toEqual({ SLUICE_PARAM_X: "own" });
  });
});

describe("checkFlow() reports parameters", () => {
  test("without a value, once however often they are used", () => {
    expect(messagesOf({ params: { p: {} }, actors: { a: { run: ["{param.p}"] }, b: { file: "{param.p}" } } }))
      .toEqual([
        'params.p: Cannot fill parameter "p": it has no value (set it with --set p=VALUE)',
      ]);
  });

  test("that are set but not declared", () => {
    const actors = { a: { run: ["cat"] } };
    expect(messagesOf({ actors }, { params: { sufix: "x" } })).toEqual([
      ': Cannot set parameter "sufix": the flow has no such parameter (it has none)',
    ]);
    expect(messagesOf({ params: { suffix: { default: "" } }, actors }, { params: { sufix: "x", zzzz: "y" } }))
      .toEqual([
        'params: Cannot set parameter "sufix": the flow has no such parameter (did you mean "suffix"?)',
        'params: Cannot set parameter "zzzz": the flow has no such parameter (expected one of suffix)',
      ]);
  });

  test("that are used but not declared", () => {
    const actors = {
      a: { run: ["a", "{param.x}"], env: { A: "{param.toString}" } },
      b: { value: ["{param.pp}"] },
    };
    expect(messagesOf({ actors })).toEqual([
      'actors.a.run[1]: Cannot fill "{param.x}": the flow has no parameter "x" (declare it under "params")',
      'actors.a.env.A: Cannot fill "{param.toString}": the flow has no parameter "toString" (declare it under "params")',
      'actors.b.value: Cannot fill "{param.pp}": the flow has no parameter "pp" (declare it under "params")',
    ]);
    expect(messagesOf({ params: { p: { default: 1 } }, actors: { b: { value: ["{param.pp}"] } } })).toEqual([
      'actors.b.value: Cannot fill "{param.pp}": the flow has no parameter "pp" (did you mean "p"?)',
    ]);
  });

  test("in sh", () => {
    expect(messagesOf({ params: { p: { default: 1 } }, actors: { a: { sh: "echo {param.p}" } } })).toEqual([
      'actors.a.sh: Cannot fill "{param.p}" in sh: a shell would interpret it (use "$SLUICE_PARAM_P")',
    ]);
  });

  test("that would be one variable", () => {
    expect(messagesOf({ params: { p: { default: 1 }, P: { default: 1 } }, actors: { a: { sh: "a" } } }))
      .toEqual([
        'params.P: Cannot use parameter "P": it would be SLUICE_PARAM_P, as "p" is (expected another name)',
      ]);
  });

  test("whose values have NUL characters, bring in ports, or leave a path empty", () => {
    const params = { n: { default: "x" }, p: { default: "{in.left}" }, e: { default: "" } };
    const actors = {
      a: { value: 1 },
      b: { run: ["b", "{in.left}", "{param.p}"], in: { left: "a" } },
      c: { file: "{param.e}" },
    };
    expect(messagesOf({ params, actors }, { params: { n: "\0" } })).toEqual([
      'params.n: Cannot set parameter "n": its value has a NUL character (expected none)',
      'actors.b.run[2]: Cannot fill "{param.p}": a parameter\'s value brings in {in.…} or {out.…} (expected a value without them)',
      'actors.c.file: Cannot use "{param.e}" as a path: it is empty (expected the name of a file or folder)',
    ]);
  });

  test("of the wrong kind, and says nothing of their use", () => {
    const actors = { a: { run: ["a", "{param.p}"] } };
    expect(messagesOf({ params: { p: { default: [] } }, actors })).toEqual([
      'params.p.default: Cannot read "default": it is an empty list (expected a string, a number or a boolean)',
    ]);
    expect(messagesOf({ params: [], actors })).toEqual([
      'params: Cannot read "params": it is an empty list (expected an object such as {"suffix": {"default": "!"}})',
    ]);
  });
});
