/**
 * What happens when things go wrong, side by side: `node bench/semantics.ts`. Three questions: does a middle process
 * that exits 3 fail the whole; does `yes | head -1` end well; how many of three sleeps (one a grandchild) are alive two
 * seconds after SIGTERM to the orchestrator.
 */
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { engines, peer, root, writeFlow, writeScratch } from "./harness.ts";

const SLEEP = "31536.25";
const flows = {
  middle: writeFlow("middle", {
    actors: { a: { run: ["seq", "3"] }, b: { sh: "cat; exit 3", in: "a" }, c: { run: ["cat"], in: "b" } },
  }),
  head: writeFlow("head", { actors: { a: { run: ["yes"] }, b: { run: ["head", "-1"], in: "a" } } }),
  sleeps: writeFlow("sleeps", {
    actors: {
      a: { run: ["sleep", SLEEP] },
      b: { run: ["sleep", SLEEP] },
      c: { sh: `sleep ${SLEEP} & wait` },
    },
  }),
};
const shell = {
  middle: "seq 3 | sh -c 'cat; exit 3' | cat",
  head: "yes | head -1",
  sleeps: `sleep ${SLEEP} | sleep ${SLEEP} | sh -c 'sleep ${SLEEP} & wait'`,
};
const makefile = writeScratch(
  "Semantics.mk",
  `middle:\n\t@${shell.middle}\nhead:\n\t@${shell.head}\nsleeps: s1 s2 s3\ns1 s2:\n\t@sleep ${SLEEP}\ns3:\n\t@sleep ${SLEEP} & wait\n`,
);

type Question = keyof typeof flows;

const tools: readonly {
  readonly label: string;
  readonly command: (question: Question) => readonly string[];
}[] = [
  { label: "bash", command: (question) => ["bash", "-c", shell[question]] },
  { label: "bash, pipefail", command: (question) => ["bash", "-o", "pipefail", "-c", shell[question]] },
  { label: "make", command: (question) => ["make", "-s", "-j3", "-f", makefile, question] },
  ...(["zx", "execa", "dax"] as const).map((tool) => ({
    label: tool,
    command: (question: Question) => peer("node", "semantics.mjs", tool, question, SLEEP),
  })),
  { label: "Bun Shell", command: (question) => peer("bun", "semantics.mjs", "bun-shell", question, SLEEP) },
  ...engines.map(({ label, command }) => ({
    label,
    command: (question: Question) => [...command, flows[question]],
  })),
];

const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}` };
console.log(
  "| | a middle process exits 3 | `yes \\| head -1` | alive 2 s after SIGTERM |\n|---|---|---|---|",
);
for (const { label, command } of tools) {
  const middle = end(command("middle"));
  const head = end(command("head"));
  const alive = await countSurvivors(command("sleeps"));
  console.log(
    `| ${label} | ${middle === "0" ? "unnoticed (0)" : `noticed (${middle})`} | ${
      head === "0" ? "ends well" : `fails (${head})`
    } | ${alive} of 3 |`,
  );
}

/** The exit code as text, or what happened instead. */
function end([file = "", ...args]: readonly string[]): string {
  const { status, signal } = spawnSync(file, args, {
    env,
    cwd: dirname(makefile),
    stdio: "ignore",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  return status === null
    ? signal === "SIGKILL" ? "hangs or too much memory" : String(signal)
    : String(status);
}

async function countSurvivors([file = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(file, args, { env, cwd: dirname(makefile), stdio: "ignore" });
  for (let tries = 0; findSleeps().length < 3 && tries < 500; tries++) await wait(20);
  child.kill("SIGTERM");
  await wait(2_000);
  const left = findSleeps();
  for (const pid of left) process.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
  return left.length;
}

function findSleeps(): readonly number[] {
  return readdirSync("/proc").map(Number).filter((pid) => {
    try {
      return Number.isInteger(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${SLEEP}\0`;
    } catch {
      return false; // It has ended while we looked.
    }
  });
}
