/**
 * `npm run bench:detection`: how soon a closed ring of waiting is resolved, and what looking for one costs while
 * there is none.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { engines, writeFlow, writeScratch } from "./harness.ts";

const RUNS = 20;
const SECONDS = 10;
/** Start-up is not part of what is measured. */
const SETTLE_MS = 2000;
const CLOCK_TICKS = 100;

const branches = { a: { run: ["cat"], in: "src" }, b: { run: ["cat"], in: "src" } };
const ring = writeFlow("ring", {
  actors: { src: { run: ["seq", "2000000"] }, ...branches, join: { run: ["wc", "-l"], in: ["a", "b"] } },
});
/** A line every 10 ms through a fan-out and a join: never full, often empty. */
const paced = writeFlow("paced", {
  actors: {
    src: { run: ["python3", "-uc", "import time\nwhile True: print('x' * 1000); time.sleep(0.01)"] },
    ...branches,
    join: { sh: "cat > /dev/null", in: ["a", "b"], merge: "lines" },
  },
});
/** Everybody waits for a program that does something else. */
const quiet = writeFlow("quiet", {
  actors: { src: { run: ["sleep", "1000"] }, ...branches, join: { run: ["wc", "-l"], in: ["a", "b"] } },
});

console.log("| | ring closed to first growth: median ms | worst ms | CPU, paced flow | CPU, quiet flow |");
console.log("|---|---|---|---|---|");
for (const { label, command } of engines) {
  const waits: number[] = [];
  for (let at = 0; at < RUNS; at++) waits.push(await firstGrowth(command));
  waits.sort((a, b) => a - b);
  const [median = NaN, worst = NaN] = [waits[Math.floor(waits.length / 2)], waits.at(-1)];
  const cpu = [await measureCpu([...command, paced]), await measureCpu([...command, quiet])];
  console.log(
    `| ${label} | ${median.toFixed(1)} | ${worst.toFixed(1)} | ${
      cpu.map((one) => `${one.toFixed(2)} %`).join(" | ")
    } |`,
  );
}

/** Milliseconds from the last byte that moved on the first ring to its resolution. */
async function firstGrowth(command: readonly string[]): Promise<number> {
  const events = writeScratch("events.ndjson", "");
  const [file = "", ...args] = [...command, "--events", events, ring];
  const child = spawn(file, args, { stdio: "ignore" });
  await new Promise((settle) => child.on("close", settle));
  for (const line of readFileSync(events, "utf8").trim().split("\n")) {
    const event: unknown = JSON.parse(line);
    if (typeof event !== "object" || event === null || !("afterMs" in event)) continue;
    return Number(event.afterMs);
  }
  throw new Error("No buffer had to grow");
}

/** Share of one core that the engine takes, in percent. */
async function measureCpu([file = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: "ignore" });
  await sleep(SETTLE_MS);
  const before = cpuSeconds(child.pid);
  await sleep(SECONDS * 1000);
  const after = cpuSeconds(child.pid);
  child.kill("SIGINT");
  await new Promise((settle) => child.on("close", settle));
  return 100 * (after - before) / SECONDS;
}

function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
