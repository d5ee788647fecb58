/** The package for Python, as somebody installs it who has no clone beside it. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../../lib/cli/line/version.ts";
import { root, startCommand } from "../e2e/rig.ts";

const source = join(root, "actors", "python");
const tests = join(root, "test", "sdk", "python");
const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-pip-"));
const bin = join(folder, "venv", "bin");
const TOOLS = ["build", "twine", "mypy", "numpy", "pytest", "pytest-asyncio"];
const quiet = { PYTHONDONTWRITEBYTECODE: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1", NO_COLOR: "1" };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Why nothing can be installed here; undefined when it can. */
let lacking: string | undefined;
beforeAll(async () => {
  cpSync(source, join(folder, "source"), { recursive: true });
  for (
    const command of [
      ["python3", "-m", "venv", join(folder, "venv")],
      [join(bin, "pip"), "install", "--quiet", ...TOOLS],
      [join(bin, "python"), "-m", "build", "--outdir", join(folder, "built"), join(folder, "source")],
    ]
  ) {
    const { code, stderr } = await startCommand(command, { env: quiet }).ended;
    if (code === 0) continue;
    lacking = `${command.slice(1, 4).join(" ")}: ${stderr.trim().split("\n").at(-1)}`;
    console.warn(`the package for Python is not tested: ${lacking}`);
    return;
  }
}, 900_000);

/** Interpreters that are here, by version: those in PATH, and those of pyenv. */
function interpreters(): readonly (readonly [version: string, program: string])[] {
  const known = spawnSync("pyenv", ["root"], { encoding: "utf8" }).stdout?.trim() ?? "";
  const versions = join(known, "versions");
  const programs = [
    ...["8", "9", "10", "11", "12", "13", "14"].map((minor) => `python3.${minor}`),
    ...(known !== "" && existsSync(versions) ? readdirSync(versions) : []).map((name) =>
      join(versions, name, "bin", "python3")
    ),
  ];
  const found = new Map<string, string>();
  for (const program of programs) {
    const asked = spawnSync(program, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
      encoding: "utf8",
    });
    const version = asked.status === 0 ? asked.stdout.trim() : "";
    const minor = Number(version.split(".")[1]);
    if (version.startsWith("3.") && minor >= 8) found.set(version, program);
  }
  return [...found];
}

const built = (end: string) => join(folder, "built", `sluice_actor-${VERSION}${end}`);

describe("the package for Python", () => {
  test("has the version of the engine", () => {
    expect(readFileSync(join(source, "pyproject.toml"), "utf8")).toContain(`\nversion = "${VERSION}"\n`);
  });

  test("is built as a wheel and as sources, which twine accepts", { timeout: 300_000 }, async ({ skip }) => {
    if (lacking !== undefined) return skip(lacking);
    const files = [built("-py3-none-any.whl"), built(".tar.gz")];
    const { code, stdout } = await startCommand([join(bin, "twine"), "check", "--strict", ...files]).ended;
    expect([stdout.match(/PASSED/g)?.length, code]).toEqual([2, 0]);
  });

  test("is installed by pip, with its types, and does what its guide says", {
    timeout: 600_000,
  }, async ({ skip }) => {
    if (lacking !== undefined) return skip(lacking);
    const run = async (...command: readonly string[]) => {
      const [file = "", ...args] = command;
      const { code, stdout, stderr } = await startCommand([join(bin, file), ...args], {
        cwd: folder,
        env: { ...quiet, PYTHONPATH: "" },
      }).ended;
      return { code, told: code === 0 ? "" : stdout + stderr };
    };
    const well = { code: 0, told: "" };
    expect(await run("pip", "install", "--no-index", built("-py3-none-any.whl"))).toEqual(well);
    expect(await run("mypy", "--strict", "--cache-dir", join(folder, "mypy"), "-p", "sluice_actor")).toEqual(
      well,
    );
    expect(await run("python", "-m", "unittest", "discover", "-s", tests)).toEqual(well);
    const guide = join(root, "test", "fixtures", "sdk", "guide");
    expect(await run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", guide)).toEqual(well);
  });

  test.each(interpreters())("works with Python %s", { timeout: 300_000 }, async (_, program) => {
    const { code, stderr } = await startCommand(
      [program, "-W", "ignore", "-m", "unittest", "discover", "-s", tests],
      { cwd: folder, env: { ...quiet, PYTHONPATH: join(source, "src") } },
    ).ended;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  });
});
