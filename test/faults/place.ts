/** The folder of one run with a fault: made from the flow, looked through afterwards, and removed. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { withPatience } from "../random/patience.ts";
import { findProcesses, killProcesses } from "../random/processes.ts";
import type { FaultFlow } from "./flows.ts";

/** How long what ends by itself after the engine, such as its watchdog, may take. */
const LEAVE_MS = 10_000;
const program = resolve(import.meta.dirname, "../../mod.ts");

/** Folders in which the first run of a flow has failed, by the flow's name. */
const templates = new Map<string, string>();

export function makePlace(flow: FaultFlow): string {
  const folder = mkdtempSync(join(tmpdir(), "faults-of-"));
  if (flow.isResumed === true) cpSync(templateOf(flow), folder, { recursive: true });
  else fill(folder, flow);
  return folder;
}

function fill(folder: string, { files }: FaultFlow): void {
  mkdirSync(join(folder, "tmp"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

function templateOf(flow: FaultFlow): string {
  const known = templates.get(flow.name);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "faults-of-"));
  templates.set(flow.name, folder);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  fill(folder, flow);
  const first = spawnSync(process.execPath, [program, "flow.json", ...flow.args ?? []], {
    cwd: folder,
    env: { ...process.env, TMPDIR: join(folder, "tmp"), SLUICE_CACHE: join(folder, "cache") },
    encoding: "utf8",
  });
  if (first.status !== 1) {
    throw new Error(`The first run of "${flow.name}" ended with ${first.status}: ${first.stderr}`);
  }
  writeFileSync(join(folder, "ok"), "");
  return folder;
}

/** What is wrong with the files of an ended run. */
export async function lookAt(
  folder: string,
  { flow, isDone, said, isCrashed }: {
    readonly flow: FaultFlow;
    /** It said that all is well. */
    readonly isDone: boolean;
    readonly said: string;
    /** It was ended by a signal, or by its runtime. */
    readonly isCrashed: boolean;
  },
): Promise<readonly string[]> {
  const problems: string[] = [];
  const deadline = Date.now() + withPatience(LEAVE_MS);
  // One that could not be removed is told.
  const left = (): readonly string[] =>
    listLeft(folder, flow).filter((name) => !said.includes(join(folder, name)));
  while ((findProcesses(folder).length > 0 || left().length > 0) && Date.now() < deadline) await sleep(20);
  for (const pid of findProcesses(folder)) problems.push(`process ${pid} is left: ${commandOf(pid)}`);
  killProcesses(folder);
  for (const [name, want] of Object.entries(flow.outputs)) {
    const got = existsSync(join(folder, name)) ? readFileSync(join(folder, name), "latin1") : undefined;
    if (got === want || (got === undefined && !isDone)) continue;
    problems.push(
      `${name} is ${got === undefined ? "not there" : `wrong (${got.length} of ${want.length} bytes)`}`,
    );
  }
  // What a runtime leaves that breaks down before there is a watchdog, the next start removes.
  if (isCrashed && left().length > 0) sweep(folder);
  for (const name of left()) problems.push(`${name} is left`);
  if (flow.streams !== undefined) problems.push(...lookAtDatabase(join(folder, "run.db"), { flow, isDone }));
  return problems;
}

/** Starts the engine once more, for a flow of its own. */
function sweep(folder: string): void {
  const flow = join(folder, "tmp", "flow.json");
  writeFileSync(flow, JSON.stringify({ actors: { v: { value: "" } }, out: "v" }));
  spawnSync(process.execPath, [program, flow], { env: { ...process.env, TMPDIR: join(folder, "tmp") } });
  rmSync(flow);
}

function listLeft(folder: string, flow: FaultFlow): readonly string[] {
  const known = new Set([
    ...Object.keys(flow.files),
    ...Object.keys(flow.outputs),
    "tmp",
    "cache",
    "tried",
    "ok",
  ]);
  const beside = readdirSync(folder).filter((name) => !known.has(name) && !name.startsWith("run.db"));
  return [...beside, ...readdirSync(join(folder, "tmp")).map((name) => `tmp/${name}`)];
}

/** A database opens whatever happens, and what a run that is done says is whole is right. */
function lookAtDatabase(
  file: string,
  { flow, isDone }: { readonly flow: FaultFlow; readonly isDone: boolean },
): readonly string[] {
  if (!existsSync(file)) return isDone ? ["there is no database"] : [];
  const problems: string[] = [];
  try {
    const database = new DatabaseSync(file);
    try {
      const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'streams'").get();
      const rows = known === undefined ? [] : database.prepare(
        "SELECT streams.name, is_complete, value FROM streams JOIN runs ON runs.id = streams.run LEFT JOIN Dict ON Dict.key = streams.name WHERE runs.id = (SELECT max(id) FROM runs)",
      ).all();
      for (const [name, want] of Object.entries(flow.streams ?? {})) {
        const row = rows.find((one) => one["name"] === name);
        const isComplete = row?.["is_complete"] === 1;
        if (isDone && !isComplete) problems.push(`stream "${name}" is not whole in the database`);
        if (isDone && isComplete && textOf(row?.["value"]) !== want) {
          problems.push(`stream "${name}" is wrong in the database`);
        }
      }
    } finally {
      database.close();
    }
  } catch (error) {
    problems.push(`the database does not open: ${error instanceof Error ? error.message : String(error)}`);
  }
  return problems;
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "(ended)";
  }
}
