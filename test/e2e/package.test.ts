/** The npm package as users get it: packed, installed in an empty folder, and run by the commands of docs/install.md. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandsOf, npmEnv, packPackage, stagePackage } from "./package_rig.ts";
import type { Ended } from "./rig.ts";
import { makeFolder, root, runtimes, startCommand } from "./rig.ts";

const bin = join(root, "node_modules", ".bin");
const home = mkdtempSync(join(tmpdir(), "test-of-sluice-package-"));
const stage = join(home, "stage");
/** Where it is installed. */
const user = join(home, "user");
let tarball = "";
let packed: readonly string[] = [];
let installed: Ended;
const BUILD_MS = 300_000;

beforeAll(async () => {
  mkdirSync(user);
  stagePackage(stage);
  tarball = packPackage(stage, home);
  packed = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n")
    .map((path) => path.replace("package/", ""));
  const [commands = ""] = commandsOf("npm");
  const offline = { npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
  const ofPackage = commands.replace("npm install sluice", `npm install --silent ${tarball}`);
  expect(ofPackage).not.toBe(commands);
  installed = await startCommand(["sh", "-e", "-c", ofPackage], { cwd: user, env: { ...npmEnv, ...offline } })
    .ended;
}, BUILD_MS);
afterAll(() => rmSync(home, { recursive: true, force: true }));

function sluice(folder: string, ...args: string[]): Promise<Ended> {
  const command = [join(user, "node_modules", ".bin", "sluice"), ...args];
  return startCommand(command, { cwd: folder, env: npmEnv }).ended;
}

it("the commands of docs/install.md install it and run a first flow, in an empty folder", () => {
  expect(installed).toMatchObject({
    code: 0,
    stderr: "",
    stdout:
      "Wrote hello/flow.json. Run it with:\n  sluice hello/flow.json\n      3 the\n      2 fox\n      1 brown\n13\n",
  });
});

it("the package is the program, its types and pages, and what other languages install from npm", () => {
  const has = (name: string): boolean => packed.some((path) => path.startsWith(name));
  expect(
    [
      "docs/install.md",
      "README.md",
      "LICENSE",
      "dist/LICENSES.txt",
      "dist/mod.d.ts",
      "actors/python/",
      "actors/shell/",
      "flows/top.json",
      "flow.schema.json",
    ].filter((name) => !has(name)),
  ).toEqual([]);
  const strange = /^(lib|test|bench|build|mod\.ts|dist\/sources)|__pycache__|\.(rs|go|png)$|\.ts$/;
  expect(packed.filter((path) => strange.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
  const { files, keywords, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect([...files, ...keywords].filter((word: string) => /[*?!{}[\]]/.test(word))).toEqual([]);
  expect(dependencies).toBeUndefined();
  expect(readFileSync(join(user, "node_modules/sluice/dist/LICENSES.txt"), "utf8")).toContain("\nvalibot ");
});

it("the installed command runs chains, relays, captured and cached runs and messages, and tells mistakes", async () => {
  const count = { run: ["seq", "3"] };
  const folder = makeFolder({
    "chain.json": { actors: { count, sum: { run: ["wc", "-l"], in: "count" } } },
    "relayed.json": { actors: { count, a: { run: ["cat"], in: "count" }, b: { run: ["cat"], in: "count" } } },
    "cached.json": { actors: { count: { ...count, cache: true, reads: [] } } },
    "sets.json": {
      sets: { file: { files: "*.csv" }, row: { table: "rows.csv" } },
      actors: { each: { each: ["file", "row"], run: ["echo", "{file.stem} {row.name}"] } },
    },
    "used.json": { actors: { words: { value: "b\na\nb\n" }, top: { use: "sluice:top", in: "words" } } },
    "handled.json": {
      actors: {
        numbers: { run: ["seq", "2"] },
        double: { handler: "double.ts#double", in: "numbers" },
        shown: { run: ["cat"], in: "double" },
      },
    },
    "wrong.jsonc": '{"actors": {"a": {"rnu": ["true"]}} // comment\n}',
    "double.ts": "export const double = (n: number) => 2 * n;\n",
    "rows.csv": "name\nx\n",
  });
  expect(await sluice(folder, "chain.json")).toMatchObject({ code: 0, stdout: "3\n", stderr: "" });
  expect(await sluice(folder, "relayed.json", "--db", "run.db")).toMatchObject({
    code: 0,
    stdout: "1\n2\n3\n1\n2\n3\n",
    stderr: "",
  });
  expect(await sluice(folder, "inspect", "run.db", "count")).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
  expect(await sluice(folder, "cached.json")).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
  expect(await sluice(folder, "sets.json")).toMatchObject({ code: 0, stdout: "rows x\n", stderr: "" });
  expect((await sluice(folder, "used.json")).stdout).toMatch(/b.*\n.*a/);
  expect(await sluice(folder, "handled.json")).toMatchObject({ code: 0, stdout: "2\n4\n", stderr: "" });
  expect(await sluice(folder, "wrong.jsonc")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "run"?'),
  });
  expect(await sluice(folder, "graph", "chain.json", "--format", "svg")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("<svg"),
  });
  expect(await sluice(folder, "import", "-c", "seq 3 | wc -l")).toMatchObject({ code: 0 });
  expect(await sluice(folder, "chain.json", "--events", "e.ndjson", "--report", "r.html")).toMatchObject({
    code: 0,
  });
  expect(existsSync(join(folder, "r.html"))).toBe(true);
});

it.each(runtimes)("the installed library runs on $name, with an actor of its SDK", async ({ command }) => {
  const script = join(user, "script.mjs");
  writeFileSync(
    script,
    `import { flow, run } from "sluice";
const [runtime, ...flags] = JSON.parse(process.argv[2]);
const echo = { run: [runtime, ...flags, "echo.mjs"], protocol: "messages", in: "hi" };
const { stdout } = await run(
  flow({ actors: { hi: { value: '{"n":1}\\n' }, echo, shown: { run: ["cat"], in: "echo" } } }),
  { stdout: "capture" },
);
console.log(new TextDecoder().decode(stdout).trim());\n`,
  );
  writeFileSync(
    join(user, "echo.mjs"),
    `import { run } from "sluice/actor";\nrun({ Record: (env, self) => self.emit(env.msg.n + 1) });\n`,
  );
  const start = command.slice(0, -1);
  const { code, stdout, stderr } = await startCommand([...start, script, JSON.stringify(start)], {
    cwd: user,
  })
    .ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "2\n", stderr: "" });
});

it("a program is checked by the types of the package", async () => {
  writeFileSync(
    join(user, "typed.mts"),
    `import { flow, run, type RunResult } from "sluice";
import { run as serve } from "sluice/actor";
const result: RunResult = await run(flow({ actors: { hi: { run: ["echo", "hi"] } } }), { stdout: "capture" });
const code: number = result.exitCode;
// @ts-expect-error: a flow has no such key
flow({ actors: { hi: { rnu: ["echo"] } } });
export { code, serve };\n`,
  );
  const types = join(user, "node_modules", "@types");
  if (!existsSync(types)) symlinkSync(join(root, "node_modules", "@types"), types);
  const flags = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node"];
  const { code, stdout } = await startCommand([join(bin, "tsc"), ...flags, "typed.mts"], { cwd: user }).ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
});

it("what an installed user imports is what the pages import", () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(Object.keys(exports)).toEqual([".", "./actor", "./flow.schema.json", "./package.json"]);
});

const system = "/usr/bin/node";
const isOld = existsSync(system) &&
  Number(execFileSync(system, ["-p", "process.versions.node"], { encoding: "utf8" }).split(".")[0]) < 22;

it.skipIf(!isOld)(
  "a Node that is too old says so in a sentence, to the program and to the library",
  async () => {
    const path = makeFolder();
    symlinkSync(system, join(path, "node"));
    const env = { ...npmEnv, PATH: `${path}:/usr/bin:/bin` };
    const command = [join(user, "node_modules", ".bin", "sluice"), "--version"];
    const said = await startCommand(command, { cwd: user, env }).ended;
    expect(said).toMatchObject({ code: 2, stdout: "" });
    expect(said.stderr).toMatch(
      /^sluice: Cannot run on Node [\d.]+ \(expected Node 22\.13 or later; .*\)\n$/,
    );
    const imported = await startCommand([system, "--input-type=module", "-e", 'await import("sluice")'], {
      cwd: user,
    }).ended;
    expect(imported.stderr).toMatch(
      /Error: Cannot load Sluice on Node [\d.]+ \(expected Node 22\.13 or later/,
    );
  },
);

it.each(["bun", "deno", "none"])("the installed command starts where there is no Node: %s", async (name) => {
  const path = makeFolder();
  for (const tool of ["sh", "readlink", "seq", "wc", "cat"]) {
    const found = ["/bin", "/usr/bin"].map((folder) => join(folder, tool)).find(existsSync);
    if (found !== undefined) symlinkSync(found, join(path, tool));
  }
  if (name !== "none") symlinkSync(join(bin, name), join(path, name));
  const folder = makeFolder({
    "flow.json": { actors: { count: { run: ["seq", "3"] }, sum: { run: ["wc", "-l"], in: "count" } } },
  });
  const command = [join(user, "node_modules", "sluice", "bin", "sluice"), "flow.json"];
  const ended = await startCommand(command, { cwd: folder, env: { ...npmEnv, PATH: path } }).ended;
  expect(ended).toMatchObject(
    name === "none"
      ? { code: 127, stderr: expect.stringContaining("there is no Node, Bun or Deno on the PATH") }
      : { code: 0, stdout: "3\n", stderr: "" },
  );
});

it.each(runtimes)(
  "the sources start what was built of them, as long as none has changed, on $name",
  async ({ command }) => {
    const hello = { actors: { hi: { run: ["echo", "hi"] }, shown: { run: ["cat"], in: "hi" } } };
    const folder = makeFolder({ "flow.json": hello });
    // With its times, which cpSync() rounds.
    for (const part of ["mod.ts", "lib", "package.json"]) {
      execFileSync("cp", ["-a", join(root, part), folder]);
    }
    cpSync(join(stage, "dist"), join(folder, "dist"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const start = (): Promise<Ended> =>
      startCommand([...command.slice(0, -1), join(folder, "mod.ts"), join(folder, "flow.json")]).ended;

    // A source that cannot be run, and looks as it did.
    const main = join(folder, "lib", "cli", "main.ts");
    const { atimeMs, mtimeMs, size } = statSync(main);
    writeFileSync(main, "}".repeat(size));
    utimesSync(main, atimeMs / 1000, (Math.floor(mtimeMs) + 0.5) / 1000);
    expect(await start()).toMatchObject({ code: 0, stdout: "hi\n", stderr: "" });

    utimesSync(main, new Date(), new Date());
    const { code, stdout } = await start();
    expect({ ended: code !== 0, stdout }).toEqual({ ended: true, stdout: "" });
  },
);
