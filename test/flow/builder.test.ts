import process from "node:process";
import { expect, test } from "vitest";
import { FlowError } from "../../lib/core/issue.ts";
import { flow, type FlowDefinition } from "../../lib/flow/builder.ts";

test("flow() takes readonly lists, and starts relative paths in the current folder or the given one", () => {
  const definition = {
    actors: { a: { run: ["a"], in: [] }, b: { run: ["b", "{param.p}"], in: ["a", "a"] } },
    params: { p: {} },
  } as const;
  const here = flow(definition, { params: { p: "1" } });
  const there = flow(definition, { params: { p: "1" }, folder: "/there" });
  expect([here, there].map(({ actors }) => actors.get("b")?.cwd)).toEqual([process.cwd(), "/there"]);
  expect(here.actors.get("b")?.source).toEqual({ kind: "run", argv: ["b", "1"] });
});

test("flow() throws all issues, without color", () => {
  try {
    flow({ actors: { a: { run: ["a"], in: "x1" }, b: {} } });
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    expect(error.message).toBe(`actors.b
  Cannot tell what actor "b" is: it has none of the keys that say so (expected exactly one of run, sh, value, file, stdin, handler, use, input, split, remote)
actors.a.in
  Cannot connect "x1": there is no actor or alias "x1" (expected one of a, b)
2 issues; nothing was started`);
    expect(error.issues.map((issue) => issue.path)).toEqual([["actors", "b"], ["actors", "a", "in"]]);
  }
});

test("flow() tells half of a character, wherever it is", () => {
  const half = "\ud800";
  const tell = (definition: FlowDefinition, params?: Record<string, string>): unknown => {
    try {
      return flow(definition, params === undefined ? {} : { params });
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      return error.issues.filter(({ message }) => message.includes("half of a character")).map(({ path }) =>
        path
      );
    }
  };
  const a = { run: ["echo", `a${half}`], env: { [`K${half}`]: "1", L: `${half}b` } };
  const lists = { actors: { a, v: { value: { deep: [1, half] } } } };
  expect(tell(lists)).toEqual([
    ["actors", "v", "value", "deep", 1],
    ["actors", "a", "env", `K${half}`],
    ["actors", "a", "env", "L"],
    ["actors", "a", "run", 1],
  ]);
  const given = { params: { p: {} }, actors: { b: { run: ["echo", "{param.p}"] } } };
  expect(tell(given, { p: half })).toEqual([["p"]]);
  expect(tell(given, { p: "\ud83d\ude00" })).not.toEqual([]);
});
