/** The library that the protocol comes from, with its examples: fetched once, as it was at one commit. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const REPOSITORY = "https://github.com/vincent212/actors";
const COMMIT = "1c716506f092acaed1943696982d06cdf75e7e19";

/** The folder that holds its `actors` and `examples` in Python; or why there is none. */
export function findOriginals(): { readonly folder: string } | { readonly missing: string } {
  const given = process.env["SLUICE_TEST_ACTORS"];
  if (given !== undefined) return { folder: join(given, "python") };
  const home = join(tmpdir(), `sluice-test-actors-${COMMIT.slice(0, 7)}`);
  const folder = join(home, "python");
  if (existsSync(join(folder, "actors"))) return { folder };
  const git = (...args: readonly string[]): string | undefined => {
    const { status, stderr, error } = spawnSync("git", args, {
      encoding: "utf8",
      timeout: 60_000,
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
    });
    return status === 0 ? undefined : error?.message ?? stderr.trim().split("\n").at(-1);
  };
  const problem = git("init", "-q", home) ??
    git("-C", home, "fetch", "-q", "--depth=1", REPOSITORY, COMMIT) ??
    git("-C", home, "checkout", "-q", COMMIT, "--", "python");
  return problem === undefined ? { folder } : {
    missing: `${REPOSITORY} cannot be fetched: ${problem} (SLUICE_TEST_ACTORS names a folder that has it)`,
  };
}
