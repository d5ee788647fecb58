/** Python with pyzmq, installed once into a folder of its own where that can be had. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The path of a Python that has pyzmq; or why there is none. */
export function findPyzmq(): { readonly python: string } | { readonly missing: string } {
  if (spawnSync("python3", ["-c", "import zmq"]).status === 0) return { python: "python3" };
  const folder = join(tmpdir(), "sluice-test-pyzmq");
  const python = join(folder, "bin", "python");
  if (existsSync(python) && spawnSync(python, ["-c", "import zmq"]).status === 0) return { python };
  mkdirSync(folder, { recursive: true });
  for (
    const [program, ...args] of [["python3", "-m", "venv", folder], [
      python,
      "-m",
      "pip",
      "install",
      "-q",
      "pyzmq",
    ]]
  ) {
    const { status, stderr, error } = spawnSync(program ?? "", args, { encoding: "utf8", timeout: 180_000 });
    if (status !== 0) {
      return { missing: `pyzmq cannot be installed: ${error?.message ?? stderr.trim().split("\n").at(-1)}` };
    }
  }
  return { python };
}
