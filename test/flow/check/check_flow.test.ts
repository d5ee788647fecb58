import { describe, expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

const CAT = { run: ["cat"] };

describe("checkFlow() of a good flow", () => {
  test("gives every part of it its defaults", () => {
    const flow = flowOf({ actors: { a: { value: "x" }, b: { run: ["cat"], in: "a" } } });
    const text = new TextEncoder().encode("x");
    const rest = { outputs: [], env: {}, cwd: "/flows", ok: [0] };
    const stdin = { name: "stdin", streams: [{ actor: "a", port: "stdout" }], merge: "concat" };
    expect(flow).toEqual({
      name: "flow",
      actors: new Map<string, unknown>([
        ["a", { name: "a", source: { kind: "value", bytes: text }, inputs: [], ...rest }],
        ["b", { name: "b", source: { kind: "run", argv: ["cat"] }, inputs: [stdin], ...rest }],
      ]),
      groups: new Map(),
      uses: new Map(),
      secrets: [],
      unusedSets: [],
      origins: { files: [], folders: [] },
      aliases: new Map(),
      outputs: [{ target: "-", streams: [{ actor: "b", port: "stdout" }] }],
      start: "eager",
      onFailure: "stop",
      graceMs: 5000,
      limits: {},
    });
  });

  test("takes the keys of the file", () => {
    const { name, start, onFailure, graceMs } = flowOf({
      $schema: "x",
      name: "n",
      start: "lazy",
      onFailure: "continue",
      grace: "0s",
      actors: { a: CAT },
    });
    expect({ name, start, onFailure, graceMs }).toEqual({
      name: "n",
      start: "lazy",
      onFailure: "continue",
      graceMs: 0,
    });
  });

  test("names it after its file", () => {
    expect(flowOf({ actors: { a: CAT } }, { file: "/flows/count.words.json" }).name).toBe("count.words");
  });

  test("resolves paths against the folder and leaves a bare program", () => {
    const flow = flowOf({
      actors: {
        a: { run: ["bin/x", "y/z"], cwd: "work" },
        b: { run: ["x"] },
        c: { file: "../../data" },
        d: { run: ["/bin/x"] },
      },
    });
    const sources = [...flow.actors.values()].map(({ source, cwd }) => [source, cwd]);
    expect(sources).toEqual([
      [{ kind: "run", argv: ["/flows/bin/x", "y/z"] }, "/flows/work"],
      [{ kind: "run", argv: ["x"] }, "/flows"],
      [{ kind: "file", path: "/data" }, "/flows"],
      [{ kind: "run", argv: ["/bin/x"] }, "/flows"],
    ]);
  });

  test("adds the environment of the flow, then that of the actor", () => {
    const flow = flowOf({
      env: { A: "1", B: "1" },
      actors: { a: { sh: "x", env: { B: "2" } }, b: { sh: "x" } },
    });
    expect([...flow.actors.values()].map((actor) => actor.env)).toEqual([{ A: "1", B: "2" }, {
      A: "1",
      B: "1",
    }]);
  });

  test.each([
    ["text", "text"],
    ["", ""],
    [null, "null\n"],
    [false, "false\n"],
    [{ a: [1, "ü"] }, '{"a":[1,"ü"]}\n'],
  ])("makes bytes of the value %j", (value, text) => {
    const source = flowOf({ actors: { a: { value } } }).actors.get("a")?.source;
    expect(source?.kind === "value" ? new TextDecoder().decode(source.bytes) : source).toBe(text);
  });

  test("takes actors named as things of JavaScript are", () => {
    const actors = { toString: CAT, valueOf: { run: ["cat"], in: "toString" }, hasOwnProperty: CAT };
    expect([...flowOf({ actors }).actors.keys()]).toEqual(["toString", "valueOf", "hasOwnProperty"]);
  });
});

describe("checkFlow() reports", () => {
  test.each([[null, "null"], [[], "an empty list"], ["x", 'the string "x"'], [undefined, "missing"]])(
    "%j instead of a flow",
    (input, what) => {
      const expected = '(expected an object such as {"actors": {"a": {"run": ["date"]}}})';
      expect(messagesOf(input)).toEqual([`: Cannot read the flow: it is ${what} ${expected}`]);
    },
  );

  test("a flow without actors", () => {
    expect(messagesOf({})).toEqual([
      ': Cannot read the flow: it has no "actors" (expected such as {"actors": {"a": {"run": ["date"]}}})',
    ]);
    expect(messagesOf({ actors: {} })).toEqual([
      "actors: Cannot run the flow: it has no actors (expected at least one)",
    ]);
    expect(messagesOf({ actors: [] })).toEqual([
      'actors: Cannot read "actors": it is an empty list (expected an object of actors)',
    ]);
  });

  test("limits that are none", () => {
    const limits = { processes: 0, memory: "64", spill: 5, disk: 1 };
    expect(messagesOf({ limits, timeout: "0s", actors: { a: CAT } })).toEqual([
      'limits.processes: Cannot read "processes": it is the number 0 (expected a number of processes from 1 to 4194304)',
      'limits.memory: Cannot read "memory": it is the string "64" (expected an amount of bytes with its unit, such as "512KiB", "64MiB", "8GiB" or "0B")',
      'limits.spill: Cannot read "spill": it is the number 5 (expected an amount of bytes with its unit, such as "512KiB", "64MiB", "8GiB" or "0B")',
      'limits.disk: Cannot use key "disk": "limits" has no such key (expected one of processes, memory, spill)',
      'timeout: Cannot read "timeout": "0s": nothing can be done in no time (expected more than 0)',
    ]);
    expect(messagesOf({ actors: { a: { value: "x", timeout: "3s" } } })).toEqual([
      'actors.a.timeout: Cannot use "timeout" on actor "a": only a process (run, sh) takes its time',
    ]);
  });

  test("unknown keys, once each, and what was meant", () => {
    expect(messagesOf({ actor: {}, toString: 1, actors: { a: { rnu: ["cat"], ion: 1 } } })).toEqual([
      'actor: Cannot use key "actor": a flow has no such key (did you mean "actors"?)',
      'toString: Cannot use key "toString": a flow has no such key (expected one of $schema, name, params, sets, actors, aliases, out, ports, endpoint, start, onFailure, env, limits, timeout, grace)',
      'actors.a.rnu: Cannot use key "rnu": an actor has no such key (did you mean "run"?)',
      'actors.a.ion: Cannot use key "ion": an actor has no such key (did you mean "in"?)',
    ]);
  });

  test("keys that do not work yet", () => {
    expect(messagesOf({ actors: { a: { run: ["cat"], place: "x" } } }).join()).toMatch(/^actors\.a\.place: /);
  });

  test("names that are not allowed", () => {
    const rule = "letters, digits, _ and -, the first one no digit and no -";
    expect(
      messagesOf({
        params: { "a-b": { default: 1 } },
        aliases: { "..": "a" },
        actors: { "../x": CAT, a: CAT },
      }),
    ).toEqual([
      'params.a-b: Cannot use the name "a-b": it is not allowed (expected a name of letters, digits and _, the first one no digit)',
      `aliases[".."]: Cannot use the name "..": it is not allowed (expected a name of ${rule}; a dot may stand before it)`,
      `actors["../x"]: Cannot use the name "../x": it is not allowed (expected a name of ${rule})`,
    ]);
  });

  test("names that would be lost", () => {
    const env = JSON.parse('{"__proto__": "x"}');
    expect(messagesOf({ actors: { constructor: CAT, b: { run: ["b"], env } } })).toEqual([
      'actors.constructor: Cannot use the name "constructor": it is reserved (expected another name)',
      'actors.b.env.__proto__: Cannot use the name "__proto__": it is reserved (expected another name)',
    ]);
  });

  test("values of the wrong kind, all of them", () => {
    const actors = {
      a: { run: "cat", ok: [256, -1, 1.5], env: { N: 3, "A=B": "x" }, explain: 1 },
      b: { sh: "x\0", merge: "zip", in: ["a", 3], ok: [] },
      c: { stdin: false },
      d: null,
      e: { run: ["x"], in: { left: 3, stdout: "a" }, outputs: { x: 2, stderr: 3 }, cwd: "" },
      f: { run: [], outputs: {}, env: ["x"] },
    };
    const code = "(expected an exit code from 0 to 255)";
    const rule = "letters, digits, _ and -, the first one no digit and no -";
    const run = 'a list of strings, the program first, such as ["sort", "-n"]';
    expect(messagesOf({ name: "", start: "now", onFailure: 1, grace: 5, out: {}, actors })).toEqual([
      'name: Cannot read "name": it is the string "" (expected a name, not empty)',
      'start: Cannot read "start": it is the string "now" (expected "eager" or "lazy")',
      'onFailure: Cannot read "onFailure": it is the number 1 (expected "stop" or "continue")',
      'grace: Cannot read "grace": it is the number 5 (expected a duration with its unit, such as "500ms", "5s", "2m" or "1h")',
      'out: Cannot read "out": it is an empty object (expected a stream, a list of streams, or an object of files such as {"-": "a", "report.txt": "b"})',
      `actors.a.run: Cannot read "run": it is the string "cat" (expected ${run})`,
      `actors.a.ok[0]: Cannot read "ok[0]": it is the number 256 ${code}`,
      `actors.a.ok[1]: Cannot read "ok[1]": it is the number -1 ${code}`,
      `actors.a.ok[2]: Cannot read "ok[2]": it is the number 1.5 ${code}`,
      'actors.a.env.N: Cannot read "N": it is the number 3 (expected a string)',
      'actors.a.env["A=B"]: Cannot use the name "A=B": it is not allowed (expected the name of a variable: not empty, with no = and no NUL character)',
      'actors.a.explain: Cannot read "explain": it is the number 1 (expected a string)',
      'actors.b.sh: Cannot read "sh": it is the string "x\0" (expected a string with no NUL character)',
      'actors.b.merge: Cannot read "merge": it is the string "zip" (expected "concat" or "lines")',
      'actors.b.in[1]: Cannot read "in[1]": it is the number 3 (expected the name of a stream)',
      `actors.b.ok: Cannot read "ok": it is an empty list (expected a list of exit codes from 0 to 255)`,
      'actors.c.stdin: Cannot read "stdin": it is the boolean false (expected true)',
      'actors.d: Cannot read "d": it is null (expected an object such as {"run": ["cat"], "in": "a"})',
      'actors.e.in.left: Cannot read "left": it is the number 3 (expected a stream, a list of streams, or {"from": "a", "as": "file"})',
      `actors.e.in.stdout: Cannot use the name "stdout": it is not allowed (expected a name of ${rule}; not stdout or stderr)`,
      'actors.e.outputs.x: Cannot read "x": it is the number 2 (expected a file descriptor from 3 to 63)',
      `actors.e.outputs.stderr: Cannot use the name "stderr": it is not allowed (expected a name of ${rule}; not stdin, stdout or stderr)`,
      'actors.e.cwd: Cannot read "cwd": it is the string "" (expected a path, not empty)',
      `actors.f.run: Cannot read "run": it is an empty list (expected ${run})`,
      'actors.f.outputs: Cannot read "outputs": it is an empty object (expected an object of ports and their file descriptors such as {"audit": 3})',
      'actors.f.env: Cannot read "env": it is a list (expected an object of variables and their strings)',
    ]);
  });

  test("lists instead of actors and parameters, and nothing of their use", () => {
    const actors = { a: [], b: ["x"], c: { run: ["c", "{param.p}"], in: ["a", "b.x"] } };
    expect(messagesOf({ params: { p: [] }, actors })).toEqual([
      'params.p: Cannot read "p": it is an empty list (expected an object such as {"default": "x"})',
      'actors.a: Cannot read "a": it is an empty list (expected an object such as {"run": ["cat"], "in": "a"})',
      'actors.b: Cannot read "b": it is a list (expected an object such as {"run": ["cat"], "in": "a"})',
    ]);
  });

  test("a duration without a unit, and one that is too long", () => {
    const expected = '(expected a duration with its unit, such as "500ms", "5s", "2m" or "1h")';
    expect(messagesOf({ grace: "5", actors: { a: CAT } })).toEqual([
      `grace: Cannot read "grace": it is the string "5" ${expected}`,
    ]);
    expect(messagesOf({ grace: "8761h", actors: { a: CAT } })).toEqual([
      'grace: Cannot read "grace": "8761h": it is too long (expected at most "8760h")',
    ]);
  });

  test("an actor that is nothing, and one that is two things", () => {
    const expected =
      "(expected exactly one of run, sh, value, file, stdin, handler, use, input, split, remote)";
    expect(messagesOf({ actors: { a: {}, b: { run: ["x"], sh: "x" }, c: { run: 3, sh: "x", stdin: true } } }))
      .toEqual([
        'actors.c.run: Cannot read "run": it is the number 3 (expected a list of strings, the program first, such as ["sort", "-n"])',
        `actors.a: Cannot tell what actor "a" is: it has none of the keys that say so ${expected}`,
        `actors.b: Cannot tell what actor "b" is: it has run and sh ${expected}`,
        `actors.c: Cannot tell what actor "c" is: it has run, sh and stdin ${expected}`,
      ]);
  });

  test("keys of a process on other actors", () => {
    const value = { value: 1, in: "b", merge: "lines", outputs: { x: 3 }, ok: [1], env: {}, cwd: "x" };
    const only = 'on actor "a": only a process (run, sh) has';
    expect(messagesOf({ actors: { a: value, b: { run: ["cat"], in: "a" } } })).toEqual([
      `actors.a.in: Cannot use "in" ${only} inputs`,
      `actors.a.merge: Cannot use "merge" ${only} inputs`,
      `actors.a.outputs: Cannot use "outputs" ${only} extra outputs`,
      `actors.a.ok: Cannot use "ok" ${only} an exit code`,
      `actors.a.env: Cannot use "env" ${only} an environment`,
      `actors.a.cwd: Cannot use "cwd" ${only} a working directory`,
    ]);
  });

  test("two actors that read standard input", () => {
    expect(messagesOf({ actors: { a: { stdin: true }, b: { stdin: true } } })).toEqual([
      'actors.b.stdin: Cannot read standard input in actor "b": actor "a" reads it (expected at most one in a flow)',
    ]);
  });

  test("two outputs on one file descriptor, and ports that would be one variable", () => {
    const actors = { a: CAT, b: { run: ["b"], in: { x: "a", X: "a" }, outputs: { "a-b": 3, a_b: 3 } } };
    expect(messagesOf({ actors })).toEqual([
      'actors.b.outputs.a_b: Cannot open output "a_b" of actor "b": file descriptor 3 is that of output "a-b" (expected another one)',
      'actors.b.outputs.a_b: Cannot use port "a_b" of actor "b": it would be SLUICE_OUT_A_B, as "a-b" is (expected another name)',
      'actors.b.in.X: Cannot use port "X" of actor "b": it would be SLUICE_IN_X, as "x" is (expected another name)',
    ]);
  });

  test("an input and an output of one name as no mistake", () => {
    const actors = { a: CAT, b: { run: ["b", "{in.x}", "{out.x}"], in: { x: "a" }, outputs: { x: 3 } } };
    expect(messagesOf({ actors })).toEqual([]);
  });

  test("ports in run that are not there, and ports in sh", () => {
    const actors = {
      a: { run: ["a", "{in.stdin}-{out.x}"] },
      b: { run: ["b", "{in.lft}"], in: { left: "a" } },
      c: { sh: "cat {in.my-left} {out.y}" },
    };
    expect(messagesOf({ actors })).toEqual([
      'actors.a.run[1]: Cannot fill "{in.stdin}": actor "a" has no input port "stdin" (it has no named inputs)',
      'actors.a.run[1]: Cannot fill "{out.x}": actor "a" has no output port "x" (it has no named outputs)',
      'actors.b.run[1]: Cannot fill "{in.lft}": actor "b" has no input port "lft" (inputs: left)',
      'actors.c.sh: Cannot fill "{in.my-left}" in sh: a shell would interpret it (use "$SLUICE_IN_MY_LEFT")',
      'actors.c.sh: Cannot fill "{out.y}" in sh: a shell would interpret it (use "$SLUICE_OUT_Y")',
    ]);
  });

  test("an empty program", () => {
    expect(messagesOf({ actors: { a: { run: [""] } } })).toEqual([
      'actors.a.run[0]: Cannot run actor "a": its program is the empty string (expected a name or a path)',
    ]);
  });
});
