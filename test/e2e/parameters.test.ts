/** Parameters from everywhere, and secrets that nobody sees. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, root, run, runtimes, startCommand } from "./rig.ts";

const SECRET = 's3cr3t/"x&y';
const FLOW = {
  params: {
    token: { env: "TEST_TOKEN", secret: true },
    mode: { default: "fast", choices: ["fast", "exact"] },
    n: { type: "integer", env: "TEST_N" },
  },
  actors: {
    v: { value: "{param.token}" },
    says: {
      run: [
        "sh",
        "-c",
        'echo "said $1 $SLUICE_PARAM_TOKEN" >&2; echo "$2 $3"; wc -c',
        "sh",
        "{param.token}",
        "{param.mode}",
        "{param.n}",
      ],
      in: "v",
      cache: true,
    },
    used: { use: "used.json", with: { of: "key={param.token}" } },
    fails: { run: ["sh", "-c", 'cat; echo "bad $0" >&2; exit 3', "{param.token}"], in: "says" },
  },
  out: { "-": ["fails", "used"] },
};
const USED = { params: { of: {} }, actors: { w: { run: ["sh", "-c", 'echo "$SLUICE_PARAM_OF" >&2'] } } };

describe.each(runtimes)("parameters on $name", (runtime) => {
  it("keep a secret wherever the engine writes, and give it to who is to have it", async () => {
    const folder = makeFolder({ "flow.json": FLOW, "used.json": USED });
    writeFileSync(join(folder, ".env"), `# for the test\nexport TEST_TOKEN='${SECRET}'\nTEST_N=7\n`);
    const flow = join(folder, "flow.json");
    const [db, events, cache] = ["run.db", "events", "cache"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const args = ["--env-file", join(folder, ".env")];
    const env = { SLUICE_CACHE: cache };
    const ran = await run(runtime, [flow, ...args, "--db", db, "--events", events], { env });
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: "fast 7\n11\n" });
    expect(ran.stderr).toContain("said *** ***\n");
    expect(ran.stderr).toContain("bad ***\n");
    expect(ran.stderr).toContain("used/w │ ***\n");
    expect(ran.stderr).toContain("exit 3\n  command: sh -c 'cat; echo \"bad $0\" >&2; exit 3' '***'\n");
    const seen = [
      ran.stderr,
      readFileSync(events, "utf8"),
      (await run(runtime, ["cache"], { env })).stdout,
      (await run(runtime, ["inspect", db, "--run", "1", "--json"], { env })).stdout,
    ].join("\n");
    for (const text of ["s3cr3t", JSON.stringify(SECRET).slice(1, -1)]) expect(seen).not.toContain(text);
    expect(seen).toContain("***");
    // What actors write is data; the value of "v" is such. Nothing else is in the database, and nothing in the cache's.
    const kept = await run(runtime, ["inspect", db, "v"]);
    expect(kept.stdout).toBe(SECRET);
    const files = readdirSync(cache).filter((name) => name.includes(".db") || name.includes("sqlite"));
    for (const file of files) expect(readFileSync(join(cache, file), "latin1")).not.toContain("s3cr3t");
  });

  it("give what --env-file has to no process", async () => {
    const folder = makeFolder({
      "flow.json": {
        params: { p: { env: "TEST_P" } },
        actors: { a: { sh: 'echo "$TEST_P|$TEST_Q|$TEST_R|$SLUICE_PARAM_P"' } },
      },
      env: "TEST_P=1\nTEST_Q=2\nTEST_R=3\n",
    });
    const args = [join(folder, "flow.json"), "--env-file", join(folder, "env")];
    const { stdout, stderr } = await run(runtime, args, { env: { TEST_R: "3" } });
    expect({ stdout, stderr }).toEqual({ stdout: "||3|1\n", stderr: "" });
  });

  it("are cached by their secrets: the same is found, another one is not", async () => {
    const folder = makeFolder({ "flow.json": FLOW, "used.json": USED });
    const env = { SLUICE_CACHE: join(folder, "cache"), TEST_N: "1" };
    const said = async (token: string): Promise<boolean> => {
      const { stderr } = await run(runtime, [join(folder, "flow.json"), "says"], {
        env: { ...env, TEST_TOKEN: token },
      });
      return stderr.includes("said");
    };
    expect([await said("one-one"), await said("one-one"), await said("two-two")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("tell all that is missing or wrong at once, and no secret", async () => {
    const folder = makeFolder({ "flow.json": FLOW, "used.json": USED });
    const flow = join(folder, "flow.json");
    const missing = await run(runtime, [flow, "--set", "mode=slow"]);
    expect(missing.code).toBe(2);
    expect(missing.stderr.split("\n").filter((line) => line.startsWith("  Cannot"))).toEqual([
      '  Cannot fill parameter "token": it has no value (set the environment variable TEST_TOKEN, or name it in --env-file FILE)',
      '  Cannot set parameter "mode": "slow" is none of its choices (expected one of fast, exact)',
      '  Cannot fill parameter "n": it has no value (set the environment variable TEST_N, or name it in --env-file FILE, or set it with --set n=VALUE)',
    ]);
    const none = await run(runtime, [flow, "--env-file", join(folder, "none")]);
    expect({ code: none.code, stderr: none.stderr }).toEqual({
      // Node takes the option for its own, and says so.
      code: runtime.name === "node" ? 9 : 2,
      stderr: expect.stringMatching(/Cannot read the variables of|none: not found/),
    });
    const gone = makeFolder({
      "flow.json": {
        params: { p: { env: "TEST_TOKEN", secret: true } },
        actors: { a: { run: ["{param.p}"] } },
      },
    });
    const failed = await run(runtime, [join(gone, "flow.json")], { env: { TEST_TOKEN: "no-such-s3cr3t" } });
    expect({ code: failed.code, hasIt: failed.stderr.includes("s3cr3t") }).toEqual({ code: 2, hasIt: false });
    expect(failed.stderr).toContain('Cannot run "***"');
  });

  it.each(["e", "type", "exit"])(
    "keep a secret that is a part of the engine's own words: %s",
    async (secret) => {
      const folder = makeFolder({
        "flow.json": {
          params: { token: { env: "TOKEN", secret: true } },
          actors: { a: { sh: 'echo "it is: $SLUICE_PARAM_TOKEN;" >&2; exit 3' } },
        },
      });
      const { code, stderr } = await run(runtime, ["flow.json", "--json", "--db", "run.db"], {
        cwd: folder,
        env: { TOKEN: secret },
      });
      expect(code).toBe(1);
      expect(stderr).toContain(": ***;");
      expect(stderr).not.toContain(`: ${secret};`);
      expect(stderr).toContain('"failures":');
    },
  );

  it("start paths where they are given", async () => {
    const folder = makeFolder({
      "sub/flow.json": {
        params: { a: { type: "path" }, b: { type: "path", default: "b" } },
        actors: { a: { run: ["echo", "{param.a} {param.b}"] } },
      },
      "outer.json": { actors: { u: { use: "sub/flow.json", with: { a: "x" } } } },
    });
    const alone = await run(runtime, ["sub/flow.json", "--set", "a=x"], { cwd: folder });
    const used = await run(runtime, ["../outer.json"], { cwd: join(folder, "sub") });
    const expected = `${join(folder, "x")} ${join(folder, "sub/b")}\n`;
    expect([alone.stdout, used.stdout]).toEqual([expected, expected]);
  });
});

it("bin/sluice reads --env-file itself, not Node", async () => {
  const folder = makeFolder({ "flow.json": { actors: { a: { value: "" } } } });
  const { code, stderr } = await startCommand([
    join(root, "bin/sluice"),
    join(folder, "flow.json"),
    "--env-file",
    "none",
  ]).ended;
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('Cannot read the variables of "none"'),
  });
});

it("a secret is in nothing that is shown of a flow", async () => {
  const folder = makeFolder({ "flow.json": FLOW, "used.json": USED });
  const flow = join(folder, "flow.json");
  const env = { TEST_TOKEN: SECRET, TEST_N: "1" };
  const shown = async (...args: string[]): Promise<string> =>
    (await run(runtimes[0], [...args, flow], { env })).stdout;
  const dry = await shown("--dry-run");
  expect(dry).toContain(" sh '***' fast 1");
  const seen = [dry, await shown("check"), await shown("tree"), await shown("graph", "--format", "dot")].join(
    "\n",
  );
  expect(seen).not.toContain("s3cr3t");
});

describe.each(runtimes)("the command line on $name", (runtime) => {
  it("takes the flow of a folder, and of this one", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: { value: "here\n" } } }, "empty/x": "" });
    expect((await run(runtime, [], { cwd: folder })).stdout).toBe("here\n");
    expect((await run(runtime, ["."], { cwd: folder })).stdout).toBe("here\n");
    expect((await run(runtime, ["check", "--json"], { cwd: folder })).stdout).toContain('"actors":["a"]');
    const empty = await run(runtime, ["empty"], { cwd: folder });
    expect({ code: empty.code, stderr: empty.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('There is no flow.json in the folder "empty"'),
    });
    const none = await run(runtime, [], { cwd: join(folder, "empty") });
    expect({ code: none.code, stderr: none.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("Usage:"),
    });
  });

  it("takes -j for --processes, and --keep-going", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          a: { sh: "exit 1" },
          b: { sh: "echo b" },
          c: { run: ["cat"], in: "b" },
        },
        out: { "-": "c", "a.txt": "a" },
      },
    });
    const flow = join(folder, "flow.json");
    expect((await run(runtime, [flow, "-j", "1", "--dry-run"])).stdout).toContain("at most 1 at a time");
    const kept = await run(runtime, [flow, "-j2", "--keep-going"]);
    expect({ code: kept.code, stdout: kept.stdout }).toEqual({ code: 1, stdout: "b\n" });
  });
});
