// leader ends ─▶ what is left in its group is killed; a number that is another's by then is nobody's group
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { isAlive } from "../../../lib/host/is_alive.ts";
import { isLiving } from "../../../lib/process/proc/process_table.ts";
import { killLeft } from "../../../lib/process/stop/stop_processes.ts";

/** A process that leads a group of its own, and writes the number of another one in it. */
async function startGroup(script: string) {
  const leader = spawn("sh", ["-c", script], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  const [text] = await once(leader.stdout, "data");
  const { pid = 0 } = leader;
  return { leader, pid, other: Number(String(text)) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

test("killLeft() kills what a process has left in its group, and nobody while its leader lives", async () => {
  const { leader, pid, other } = await startGroup("sleep 100 & echo $!; read -r end");
  killLeft(pid);
  expect([isLiving(pid), isLiving(other)]).toEqual([true, true]);
  leader.stdin.end();
  await once(leader, "exit");
  // Its number is still that of the group: the system gives it to nobody else.
  expect([isAlive(pid), isLiving(other)]).toEqual([false, true]);
  killLeft(pid);
  await until(() => !isLiving(other));
});

test("killLeft() signals nobody when the number is another process's by now", async () => {
  const { leader, pid, other } = await startGroup("sleep 100 & echo $!; read -r end; kill $!");
  // As a number that was given out again: whoever has it now lives.
  killLeft(pid);
  expect([isLiving(pid), isLiving(other)]).toEqual([true, true]);
  leader.stdin.end();
  await once(leader, "exit");
  await until(() => !isLiving(other));
});
