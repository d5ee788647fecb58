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
