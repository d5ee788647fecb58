/**
 * Runs a script that uses the engine as a library, on each runtime, and gives what it said.
 */
import { join } from "node:path";
import type { Runtime, StartOptions } from "./rig.ts";
import { makeFolder, root, startCommand } from "./rig.ts";

/** What every script can use: the library, and `describe`, which makes a result or a rejection comparable. */
const HEAD = `
import process from "node:process";
import { PassThrough, Readable, Writable } from "node:stream";
import { readdirSync } from "node:fs";
import { flow, run } from ${JSON.stringify(join(root, "mod.ts"))};
const said = {};
async function tell(name, action) {
  try {
    const { exitCode, failures } = await action();
    said[name] = [exitCode, ...failures.map(({ kind, errno, reason }) => [kind, errno, reason])];
  } catch (error) {
    said[name] = ["rejected", error instanceof Error ? error.message : String(error)];
  }
}
process.on("unhandledRejection", (error) => { said.unhandled = String(error); });
const copy = flow({ actors: { keys: { stdin: true }, cat: { run: ["cat"], in: "keys" } } });
const hello = flow({ actors: { hello: { run: ["echo", "hello"] } } });
`;

/** What the script has put into \`said\`. */
export async function runScript(
  runtime: Runtime,
  body: string,
  options: StartOptions = {},
  /** What starts the runtime, such as a shell that has opened something. */
  starter: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const folder = makeFolder({ "script.ts": `${HEAD}\n${body}\nconsole.log(JSON.stringify(said));\n` });
  // Deno looks for packages where the script is.
  const settings = runtime.name === "deno" ? ["--config", join(root, "deno.json")] : [];
  const command = [...starter, ...runtime.command.slice(0, -1), ...settings, join(folder, "script.ts")];
  const { code, signal, stdout, stderr } = await startCommand(command, options).ended;
  if (code !== 0) return { code, signal, stdout, stderr };
  // What the script itself has printed.
  return JSON.parse(stdout) as Record<string, unknown>;
}
