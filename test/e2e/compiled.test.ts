import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder, root, runFlow, runtimes, startCommand } from "./rig.ts";

const HELLO = { actors: { hi: { sh: 'echo "hi $NODE_COMPILE_CACHE"' }, shown: { run: ["cat"], in: "hi" } } };

/** What the program keeps there; runtimes keep things of their own. */
function keptIn(caches: string): readonly string[] {
  const folder = join(caches, "sluice");
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
}

it.each(runtimes)(
  "$name keeps what it has compiled only where it takes the types away itself",
  async (runtime) => {
    const caches = makeFolder();
    const env = { XDG_CACHE_HOME: caches, NODE_COMPILE_CACHE: "" };
    // The second run takes what the first one has kept; no actor is told of it.
    for (const _ of ["first", "second"]) {
      const { code, stdout, stderr } = await runFlow(runtime, HELLO, { env });
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "hi \n", stderr: "" });
    }
    const kept = keptIn(caches);
    // Of what was built (`npm run build`) there are fewer files.
    if (runtime.name === "node") expect(kept.length).toBeGreaterThan(5);
    else expect(kept).toEqual([]);
  },
);

it.each(runtimes)("a folder for caches that cannot be used changes nothing on $name", async (runtime) => {
  const folder = makeFolder({ file: "" });
  const closed = join(folder, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0);
  for (const XDG_CACHE_HOME of [join(folder, "file"), closed, "/proc", "relative"]) {
    const { code, stdout, stderr } = await runFlow(runtime, HELLO, {
      cwd: folder,
      env: { XDG_CACHE_HOME, HOME: closed, NODE_COMPILE_CACHE: "" },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "hi \n", stderr: "" });
  }
  chmodSync(closed, 0o700);
});

it.each(runtimes)("a library leaves the cache of its program alone on $name", async ({ name, command }) => {
  const caches = makeFolder();
  const script = join(makeFolder({ "script.mjs": `import "${join(root, "mod.ts")}";` }), "script.mjs");
  const [program] = command;
  const options = name === "deno" ? ["run", "-A", "--config", join(root, "deno.json")] : [];
  const env = { XDG_CACHE_HOME: caches, NODE_COMPILE_CACHE: "" };
  const { code, stderr } = await startCommand([program, ...options, script], { env }).ended;
  expect({ code, stderr, kept: keptIn(caches) }).toEqual({ code: 0, stderr: "", kept: [] });
});
