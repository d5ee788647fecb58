/** The engine on one of the runtimes as a program, for those who start it by themselves. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, root, type Runtime } from "./rig.ts";

/** Environment with which a program in Python finds the SDK, and this engine. */
export function engineFor(runtime: Runtime): Record<string, string> {
  const program = join(makeFolder(), "sluice");
  const words = runtime.command.map((word) => `'${word}'`).join(" ");
  writeFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(program, 0o755);
  return {
    SLUICE_ENGINE: program,
    PYTHONPATH: join(root, "actors", "python", "src"),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
  };
}
