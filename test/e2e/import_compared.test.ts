/** Scripts as flows, compared with bash: the same bytes and files, and a failure where there is one. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { importScript } from "../../lib/shell/import_script.ts";
import { ODD_SCRIPTS } from "../shell/odd_scripts.ts";
import { FILES } from "../shell/one_liners.ts";
import { randomScript } from "../shell/random_script.ts";
import { makeFolder, run, type Runtime, runtimes, startCommand } from "./rig.ts";

const env = { LC_ALL: "C" };
const stdin = "in 1\nin 2\n";
const SEED = Number(process.env["SLUICE_SEED"] ?? Math.floor(Math.random() * 1e6));
const RANDOM_SCRIPTS = 24;

interface Ended {
  readonly stdout: string;
  readonly files: Readonly<Record<string, string>>;
  readonly hasFailed: boolean;
}

function takeFiles(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { encoding: "utf8", recursive: true }).sort()
    .filter((name) => !/^(?:flow\.json|script\.sh)$/.test(name) && statSync(join(folder, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}

async function runByBash(script: string): Promise<Ended> {
  const folder = makeFolder({ ...FILES, "script.sh": script });
  const ended = await startCommand(["bash", "script.sh"], { cwd: folder, stdin, env }).ended;
  return { stdout: ended.stdout, files: takeFiles(folder), hasFailed: ended.code !== 0 };
}

async function runAsFlow(runtime: Runtime, script: string): Promise<Ended> {
  const folder = makeFolder(FILES);
  const imported = importScript(script);
  if (!imported.ok) throw new Error(JSON.stringify(imported.mistakes));
  writeFileSync(join(folder, "flow.json"), imported.text);
  const ended = await run(runtime, ["flow.json"], { cwd: folder, stdin, env });
  return { stdout: ended.stdout, files: takeFiles(folder), hasFailed: ended.code !== 0 };
}

async function compare(runtime: Runtime, script: string): Promise<void> {
  const [byBash, asFlow] = await Promise.all([runByBash(script), runAsFlow(runtime, script)]);
  // What a run leaves that fails is told, and need not be the same.
  if (byBash.hasFailed) expect(asFlow.hasFailed).toBe(true);
  else expect(asFlow).toEqual(byBash);
}

describe.each(runtimes.map((runtime, at) => ({ ...runtime, at })))(
  "scripts imported on $name do what bash does",
  (runtime) => {
    const isMine = (_: unknown, at: number): boolean => at % runtimes.length === runtime.at;

    it.each(ODD_SCRIPTS.filter(isMine))("%s", async (script) => {
      await compare(runtime, script);
    });

    const seeds = Array.from({ length: RANDOM_SCRIPTS }, (_, at) => SEED + at).filter(isMine);
    it.each(seeds)("a random one, SLUICE_SEED=%d", async (seed) => {
      const script = randomScript(seed);
      await compare(runtime, script).catch((error: unknown) => {
        throw new Error(`SLUICE_SEED=${seed}\n${script}\n${error}`, { cause: error });
      });
    });
  },
);
