/** Runs a random flow of messages, and holds what its actors have written down against what it says itself. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { engineCommand } from "../flow_case.ts";
import { withPatience } from "../patience.ts";
import { describeProcess, findProcesses, killProcesses } from "../processes.ts";
import { findLeftProcesses, type Problem } from "../verify.ts";
import { flowOf } from "./talk_case.ts";
import type { TalkCase } from "./talker.ts";
import { judgeTalk, type TalkEnded } from "./talk_judge.ts";

const END_MS = 45_000;
const LEAVE_MS = 2_000;

/** Runs it in a folder of its own, which is removed when nothing is wrong. */
export async function runTalk(talk: TalkCase, { isKept = false } = {}): Promise<readonly Problem[]> {
  const folder = mkdtempSync(join(tmpdir(), "random-talk-"));
  try {
    mkdirSync(join(folder, "log"));
    mkdirSync(join(folder, "out"));
    mkdirSync(join(folder, "tmp"));
    writeFileSync(join(folder, "flow.json"), JSON.stringify(flowOf(talk), null, 1));
    const ended = await start(talk, folder);
    const left = await findLeftProcesses(folder, withPatience(LEAVE_MS));
    return [
      ...(typeof ended === "string" ? [{ kind: "hang", text: ended } as const] : judgeTalk(talk, ended)),
      ...left,
    ];
  } catch (error) {
    return [{ kind: "case", text: error instanceof Error ? error.stack ?? error.message : String(error) }];
  } finally {
    killProcesses(folder);
    if (isKept) console.log(`${folder} is kept`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** Its end; a text when there is none. */
async function start({ runtime }: TalkCase, folder: string): Promise<TalkEnded | string> {
  const stderr = openSync(join(folder, "stderr"), "w");
  const stdout = openSync(join(folder, "stdout"), "w");
  const [program, ...args] = [...engineCommand(runtime), join(folder, "flow.json"), "--json"];
  const env = {
    ...process.env,
    TMPDIR: join(folder, "tmp"),
    SLUICE_CACHE: join(folder, "cache"),
    NO_COLOR: "1",
  };
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", stdout, stderr] });
  const exited = new Promise<number | null>((settle, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => settle(code));
  });
  closeSync(stderr);
  closeSync(stdout);
  const isOver = await Promise.race([
    exited.then(() => true),
    sleep(withPatience(END_MS), false, { ref: false }),
  ]);
  const said = (): string => readFileSync(join(folder, "stderr"), "utf8");
  if (isOver) return { code: await exited, stderr: said(), folder };
  const report = findProcesses(folder).map(describeProcess).join("\n");
  child.kill("SIGKILL");
  await exited;
  return `it does not end:\n${report}\n${said().slice(-2000)}`;
}
