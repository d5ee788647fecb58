/** What `npm run build` makes runs as the sources do. It is built and installed in a folder of its own. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
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
import type { Ended } from "./rig.ts";
import { makeFolder, root, runtimes, startCommand } from "./rig.ts";

const bin = join(root, "node_modules", ".bin");
const home = mkdtempSync(join(tmpdir(), "test-of-sluice-package-"));
const BUILD_MS = 300_000;

beforeAll(() => {
  const options = { cwd: root, stdio: "pipe" } as const;
  const dist = join(home, "dist");
  execFileSync(join(bin, "tsc"), ["-p", "tsconfig.build.json", "--outDir", dist], options);
  execFileSync(join(bin, "node"), ["build/bundle.ts", dist], options);
  for (const part of ["bin", "actors", "package.json"]) {
    cpSync(join(root, part), join(home, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
}, BUILD_MS);
afterAll(() => rmSync(home, { recursive: true, force: true }));

function sluice(folder: string, ...args: string[]): Promise<Ended> {
  const env = { PATH: `${bin}:${process.env["PATH"]}` };
  return startCommand([join(home, "bin", "sluice"), ...args], { cwd: folder, env }).ended;
}

it("the installed command runs chains, relays, captured and cached runs and messages, and tells mistakes", async () => {
  const count = { run: ["seq", "3"] };
  const folder = makeFolder({
    "chain.json": { actors: { count, sum: { run: ["wc", "-l"], in: "count" } } },
    "relayed.json": { actors: { count, a: { run: ["cat"], in: "count" }, b: { run: ["cat"], in: "count" } } },
    "cached.json": { actors: { count: { ...count, cache: true, reads: [] } } },
    "handled.json": {
      actors: {
        numbers: { run: ["seq", "2"] },
        double: { handler: "double.ts#double", in: "numbers" },
        shown: { run: ["cat"], in: "double" },
      },
    },
    "wrong.jsonc": '{"actors": {"a": {"rnu": ["true"]}} // comment\n}',
    "double.ts": "export const double = (n: number) => 2 * n;\n",
  });
  expect(await sluice(folder, "chain.json")).toMatchObject({ code: 0, stdout: "3\n", stderr: "" });
  expect(await sluice(folder, "relayed.json", "--db", "run.db")).toMatchObject({
    code: 0,
    stdout: "1\n2\n3\n1\n2\n3\n",
    stderr: "",
  });
  expect(await sluice(folder, "inspect", "run.db", "count")).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
  expect(await sluice(folder, "cached.json")).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
  expect(await sluice(folder, "handled.json")).toMatchObject({ code: 0, stdout: "2\n4\n", stderr: "" });
  expect(await sluice(folder, "wrong.jsonc")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "run"?'),
  });
  expect(await sluice(folder, "graph", "chain.json", "--format", "svg")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("<svg"),
  });
});

it.each(runtimes)("the installed library runs on $name", async ({ command }) => {
  const script = join(home, "script.mjs");
  writeFileSync(
    script,
    `import { flow, run } from "./dist/mod.js";
const { stdout } = await run(flow({ actors: { hi: { run: ["echo", "hi"] } } }), { stdout: "capture" });
console.log(new TextDecoder().decode(stdout).trim());\n`,
  );
  const { code, stdout, stderr } = await startCommand([...command.slice(0, -1), script], { cwd: home }).ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
});

it("the types of the package are those of the sources", () => {
  expect(readFileSync(join(home, "dist", "mod.d.ts"), "utf8")).toContain("export { check");
});

it.each(runtimes)(
  "the sources start what was built of them, as long as none has changed, on $name",
  async ({ command }) => {
    const hello = { actors: { hi: { run: ["echo", "hi"] }, shown: { run: ["cat"], in: "hi" } } };
    const folder = makeFolder({ "flow.json": hello });
    // With its times, which cpSync() rounds.
    for (const part of ["mod.ts", "lib"]) execFileSync("cp", ["-a", join(root, part), folder]);
    for (const part of ["dist", "package.json"]) execFileSync("cp", ["-a", join(home, part), folder]);
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
