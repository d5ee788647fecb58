/** `sluice messages`: what actors say to each other, as far as the flow tells it. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, root, run, runtimes } from "./rig.ts";

const actor = (more: object): object => ({ run: ["cat"], protocol: "messages", ...more });

describe.each(runtimes)("sluice messages on $name", (runtime) => {
  test("prints what the documents show", async () => {
    const { code, stdout } = await run(runtime, ["messages", "examples/bank/flow.json", "account"], {
      cwd: root,
    });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        "account  One instance for each account, in four processes",
        "  an instance for each /account, in 4 processes, passive after 100 ms, at-most-once: node account.ts",
        "  accepts    Deposit {account: string, amount: number}  ← teller",
        "  accepts    Withdraw {account?: string, amount: number}  ← teller",
        "  emits      Balance {account: any, balance: number}  → teller",
        "",
      ].join("\n"),
    });
  });

  test("finds who publishes to whom, and shows no secret", async () => {
    const folder = makeFolder({
      "flow.json": {
        params: { token: { secret: true, env: "TOKEN" } },
        actors: {
          a: actor({ publish: ["t/1/x", "u"], args: { token: "{param.token}" }, emits: ["Said", "Other"] }),
          b: actor({ subscribe: "t/*/x", accepts: ["Said"], supervisor: { type: "pool", size: 2 } }),
          c: { run: ["cat"], in: "a" },
        },
      },
    });
    const { code, stdout } = await run(runtime, ["messages", "flow.json", "--json"], {
      cwd: folder,
      env: { TOKEN: "s3cret" },
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain("s3cret");
    const { actors } = JSON.parse(stdout) as { actors: unknown };
    expect(actors).toEqual([
      {
        name: "a",
        command: "cat",
        kind: "one process",
        delivery: "at-most-once",
        args: { token: expect.any(String) as string },
        accepts: [],
        emits: [{ type: "Said", partners: ["b"] }, { type: "Other", partners: [] }],
        subscribes: [],
        publishes: [{ topic: "t/1/x", partners: ["b"] }, { topic: "u", partners: [] }],
      },
      {
        name: "b",
        command: "cat",
        kind: "a pool of 2",
        delivery: "at-most-once",
        args: null,
        accepts: [{ type: "Said", partners: ["a"] }],
        emits: [],
        subscribes: [{ topic: "t/*/x", partners: ["a"] }],
        publishes: [],
      },
    ]);
  });

  test("tree, check and pictures name who talks to whom, pictures also what was said in a run", async () => {
    const bash = (script: string) => ({ run: ["bash", "-c", script], protocol: "messages" });
    const folder = makeFolder({
      "flow.json": {
        actors: {
          asks: {
            ...bash(
              `read -r start; echo '{"receiver":"tells","message_type":"Ask","message":{}}'; read -r answer`,
            ),
            emits: ["Ask"],
          },
          tells: {
            ...bash(`read -r start; read -r ask; echo '{"receiver":"asks","message_type":"Told"}'`),
            accepts: ["Ask"],
          },
        },
      },
    });
    const said = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(runtime, args, { cwd: folder });
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
      return stdout;
    };
    expect(await said("tree", "flow.json")).toMatch(/\nmessages\n {2}asks → tells: Ask\n$/);
    expect(JSON.parse(await said("check", "flow.json", "--json"))).toMatchObject({
      messages: [{ from: "asks", to: "tells", words: ["Ask"] }],
    });
    expect(await said("graph", "flow.json")).toContain('a0 -.->|"Ask"| a1');
    await said("flow.json", "--db", "run.db");
    const seen = await said("graph", "flow.json", "--db", "run.db", "--format", "dot");
    expect(seen).toContain('a0 -> a1 [label="Ask"');
    expect(seen).toContain('a1 -> a0 [label="Told"');
  });

  test("says what is wrong", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { a: actor({}), b: { run: ["cat"] } } },
      "wrong.json": {
        actors: { a: actor({ accepts: { Deposit: { amount: "nmuber" } }, publish: "a//b" }) },
      },
    });
    const told = async (...args: readonly string[]): Promise<unknown> => {
      const { code, stderr } = await run(runtime, ["messages", ...args], { cwd: folder });
      return { code, stderr };
    };
    expect(await told("flow.json", "b")).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        'Cannot list the messages of "b": it does not talk in messages (message actors: a)',
      ) as string,
    });
    const { code, stderr } = await run(runtime, ["messages", join(folder, "wrong.json")]);
    expect(code).toBe(2);
    expect(stderr).toContain('Cannot read the fields of message type "Deposit": there is no type "nmuber"');
    expect(stderr).toContain('Cannot publish to "a//b"');
  });
});
