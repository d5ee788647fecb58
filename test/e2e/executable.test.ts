/** The program as a single file, on a machine image that has no runtime in it, nor anything of the project. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npmEnv } from "./package_rig.ts";
import type { Ended } from "./rig.ts";
import { makeFolder, root, startCommand } from "./rig.ts";

const bin = join(root, "node_modules", ".bin");
const home = mkdtempSync(join(tmpdir(), "test-of-sluice-executable-"));
const dist = join(home, "dist");
const TOOLS = ["sh", "seq", "wc", "cat", "sort", "uniq", "head", "awk", "sed"];
const BUILD_MS = 300_000;

/** Why a compiler cannot make one here: Deno fetches a part of itself when it compiles, unless it has it already. */
function whyNot(compiler: string): string | undefined {
  if (compiler === "bun") return undefined;
  const folder = mkdtempSync(join(home, "probe-"));
  execFileSync("sh", ["-c", "echo 'console.log(1)' > a.js"], { cwd: folder });
  const { status } = spawnSync(join(bin, "deno"), ["compile", "-o", "a", "a.js"], { cwd: folder });
  return status === 0 ? undefined : "deno compile could not fetch what it needs";
}

beforeAll(() => {
  execFileSync(join(bin, "node"), ["build/bundle.ts", dist], { cwd: root, stdio: "pipe" });
}, BUILD_MS);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.each(["bun", "deno"])("compiled by %s", (compiler) => {
  const reason = whyNot(compiler);
  const executable = join(home, `sluice-${compiler}`);
  const image = join(home, `image-${compiler}`);

  beforeAll(() => {
    if (reason !== undefined) return;
    const args = ["build/executable.ts", compiler, executable, dist];
    execFileSync(join(bin, "node"), args, { cwd: root, stdio: "pipe" });
    makeImage(image, executable);
  }, BUILD_MS);

  it.skipIf(reason !== undefined)(
    `it runs chains, threads, captures, caches, sets, functions, pages and what comes with it${
      reason === undefined ? "" : ` (skipped: ${reason})`
    }`,
    async () => {
      const count = { run: ["seq", "3"] };
      const flows = {
        "chain.json": { actors: { count, sum: { run: ["wc", "-l"], in: "count" } } },
        "relayed.json": {
          actors: { count, a: { run: ["cat"], in: "count" }, b: { run: ["cat"], in: "count" } },
        },
        "cached.json": { actors: { count: { ...count, cache: true, reads: [] } } },
        "sets.json": {
          sets: { file: { files: "*.csv" }, row: { table: "rows.csv" } },
          actors: {
            each: { each: ["file", "row"], sh: 'echo "$SLUICE_EACH_FILE_STEM $SLUICE_EACH_ROW_NAME"' },
          },
        },
        "used.json": { actors: { words: { value: "b\na\nb\n" }, top: { use: "sluice:top", in: "words" } } },
        "handled.json": {
          actors: {
            numbers: { run: ["seq", "2"] },
            double: { handler: "double.ts#double", in: "numbers" },
            shown: { run: ["cat"], in: "double" },
          },
        },
        "double.ts": "export const double = (n: number): number => 2 * n;\n",
        "rows.csv": "name\nx\n",
        ".env": "PATH=/nowhere\n",
      };
      const made = makeFolder(flows);
      const folder = join(image, "flows");
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      for (const name of Object.keys(flows)) copyFileSync(join(made, name), join(folder, name));
      const sluice = (...args: string[]): Promise<Ended> => runIn(image, args);
      for (const runtime of ["node", "deno", "bun"]) {
        expect(existsSync(join(image, "bin", runtime))).toBe(false);
      }

      expect(await sluice("--version")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^sluice \d/),
      });
      expect(await sluice("chain.json")).toMatchObject({ code: 0, stdout: "3\n", stderr: "" });
      expect(await sluice("relayed.json", "--db", "run.db")).toMatchObject({
        code: 0,
        stdout: "1\n2\n3\n1\n2\n3\n",
        stderr: "",
      });
      expect(await sluice("inspect", "run.db", "count")).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
      expect(await sluice("cached.json")).toMatchObject({ code: 0, stdout: "1\n2\n3\n", stderr: "" });
      expect(await sluice("sets.json")).toMatchObject({ code: 0, stdout: "rows x\n", stderr: "" });
      expect(await sluice("used.json")).toMatchObject({ code: 0, stdout: expect.stringMatching(/b.*\n.*a/) });
      expect(await sluice("handled.json")).toMatchObject({ code: 0, stdout: "2\n4\n", stderr: "" });
      expect(await sluice("graph", "chain.json", "--format", "svg")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("<svg"),
      });
      expect(await sluice("chain.json", "--report", "r.html")).toMatchObject({ code: 0, stderr: "" });
      expect(readFileSync(join(folder, "r.html"), "utf8")).toContain("<script");
      // What other programs read lies in the user's caches, whole, once.
      expect(readdirSync(join(image, "home/.cache/sluice")).filter((name) => name.startsWith("own-")).length)
        .toBe(1);
      expect(await sluice("wrong.json")).toMatchObject({ code: 2, stdout: "" });
    },
    BUILD_MS,
  );
});

/** True where this user may change the root, which is the image then; elsewhere its tools are all that is on the PATH. */
const mayChangeRoot = spawnSync("chroot", ["/", "true"]).status === 0;

/** Tools, with the libraries they and the program need, and the program. */
function makeImage(image: string, executable: string): void {
  for (const folder of ["bin", "home", "tmp", "proc", "dev"]) {
    mkdirSync(join(image, folder), { recursive: true });
  }
  const tools = TOOLS.flatMap((tool) => {
    const found = ["/bin", "/usr/bin"].map((folder) => join(folder, tool)).find(existsSync);
    return found === undefined ? [] : [{ tool, path: realpathSync(found) }];
  });
  for (const { tool, path } of tools) {
    copyFileSync(path, join(image, "bin", tool));
    chmodSync(join(image, "bin", tool), 0o755);
  }
  linkSync(executable, join(image, "bin", "sluice"));
  const libraries = [executable, ...tools.map(({ path }) => path)].flatMap((path) =>
    [...spawnSync("ldd", [path], { encoding: "utf8" }).stdout.matchAll(/(?:=> |^\s+)(\/\S+)/gm)]
      .map(([, library = ""]) => library)
  );
  for (const library of new Set(libraries)) {
    mkdirSync(join(image, dirname(library)), { recursive: true });
    copyFileSync(library, join(image, library));
    chmodSync(join(image, library), 0o755);
  }
  if (mayChangeRoot) execFileSync("mknod", ["-m", "666", join(image, "dev/null"), "c", "1", "3"]);
}

/** True where what is mounted can be seen by one process alone, and is gone with it. */
const mayMount = mayChangeRoot && spawnSync("unshare", ["--mount", "true"]).status === 0;

/** Runs the program in the image's folder of flows, with nothing of the environment but the mark of this test. */
function runIn(image: string, args: readonly string[]): Promise<Ended> {
  const apart = mayMount ? ["unshare", "--mount"] : [];
  const mount = mayMount ? 'mount -t proc proc "$0/proc" && ' : "";
  const bare = 'env -i SLUICE_TEST="$SLUICE_TEST"';
  const inside = mayChangeRoot
    ? `${mount}exec ${bare} PATH=/bin:/sbin:/usr/sbin HOME=/home chroot "$0" /bin/sh -c 'cd flows && exec sluice "$@"' - "$@"`
    : `cd "$0/flows" && exec ${bare} PATH="$0/bin" HOME="$0/home" "$0/bin/sluice" "$@"`;
  return startCommand([...apart, "sh", "-c", inside, image, ...args], { env: npmEnv }).ended;
}
