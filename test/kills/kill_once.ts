/**
 * One flow with a cache and a capture: killed at random instants, gone on with, and held against what is expected.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random/prng.ts";
import { type Actors, listComplete } from "./complete_actors.ts";
import type { KillRuntime } from "./kill_runtimes.ts";

/** Notes that it was run, and takes its time. */
const noting = (name: string, script: string): string => `echo ${name} >> ran; sleep 0.05; ${script}`;

/** Which streams each actor reads, and whether it is cached. */
const ACTORS: Actors = {
  src: { sh: noting("src", "seq 20000") },
  odd: { sh: noting("odd", "grep '[13579]$'"), in: "src", cache: true },
  even: { sh: noting("even", "grep '[02468]$'"), in: "src" },
  sorted: { sh: noting("sorted", "sort -r"), in: "odd", cache: true },
  summed: { sh: noting("summed", "awk '{ s += $1 } END { print s }'"), in: ["sorted", "even"], cache: true },
  tail: { sh: noting("tail", "tail -n 3"), in: "even" },
  both: { sh: noting("both", "cat"), in: ["summed", "tail", "sorted"] },
  last: { sh: noting("last", "head -n 5; cat > /dev/null"), in: "both", cache: true },
};
const FLOW = { name: "killed", actors: ACTORS, out: { "report.txt": "last" } };
const REPORT = "200010000\n19996\n19998\n20000\n9999\n";

/** How long after its start the engine is killed at most, in milliseconds: a little more than the flow takes. */
const KILLED_WITHIN_MS = 1_200;
const KILLS_MAX = 3;

export interface KillReport {
  readonly kills: number;
  /** Kills after which a process or a folder was still there 2 s later, and the longest that it took. */
  readonly leftAfter2s: number;
  readonly slowestMs: number;
  /** Actors that were complete when the engine was killed. */
  readonly complete: number;
  readonly problems: readonly string[];
}

/** Plays one flow. Leaves nothing behind. */
export async function killOnce(runtime: KillRuntime, random: Random): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), "kills-of-sluice-"));
  writeFileSync(join(folder, "flow.json"), JSON.stringify(FLOW));
  mkdirSync(join(folder, "tmp"));
  try {
    return await new KilledFlow(runtime, folder).play(random);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class KilledFlow {
  readonly #runtime: KillRuntime;
  readonly #folder: string;
  readonly #mark = randomUUID();
  readonly #problems: string[] = [];
  /** Those that nobody may run again. */
  readonly #complete = new Set<string>();

  constructor(runtime: KillRuntime, folder: string) {
    this.#runtime = runtime;
    this.#folder = folder;
  }

  async play(random: Random): Promise<KillReport> {
    let [kills, leftAfter2s, slowestMs] = [0, 0, 0];
    for (let round = random.int(1, KILLS_MAX); round > 0; round--) {
      const engine = this.#start();
      const ended = this.#end(engine);
      // On a busy machine the start alone takes all of the time: half of them are counted from its end.
      if (random.int(0, 1) === 1) await this.#whenBegun(engine);
      await Promise.race([ended, sleep(random.int(0, KILLED_WITHIN_MS))]);
      const isKilled = engine.exitCode === null && engine.kill("SIGKILL");
      const killedAt = performance.now();
      await ended;
      await this.#whenAllEnded();
      if (isKilled) {
        const tookMs = Math.round(performance.now() - killedAt);
        kills += 1;
        leftAfter2s += tookMs > 2_000 ? 1 : 0;
        slowestMs = Math.max(slowestMs, tookMs);
      }
      this.#look();
    }
    const engine = this.#start();
    let stderr = "";
    engine.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
    await this.#end(engine);
    if (engine.exitCode !== 0) this.#problems.push(`the last run ended with ${engine.exitCode}: ${stderr}`);
    const report = this.#read("report.txt");
    if (report !== REPORT) this.#problems.push(`the report is ${JSON.stringify(report)}`);
    this.#checkRan();
    // The last run may have had no need of the cache; whoever opens it clears it.
    await this.#end(this.#start(["cache"]));
    const left = readdirSync(join(this.#folder, "cache", "runs")).filter((name) =>
      !existsSync(`/proc/${name.split("-")[0]}`)
    );
    if (left.length > 0) this.#problems.push(`files are left in the cache: ${left.join(", ")}`);
    return { kills, leftAfter2s, slowestMs, complete: this.#complete.size, problems: this.#problems };
  }

  #start(words = [this.#path("flow.json"), "--db", this.#path("run.db"), "--resume"]): ChildProcess {
    const [program = "", ...args] = this.#runtime.command;
    return spawn(program, [...args, ...words], {
      env: {
        ...process.env,
        SLUICE_CACHE: this.#path("cache"),
        SLUICE_TEST: this.#mark,
        TMPDIR: this.#path("tmp"),
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  async #end(engine: ChildProcess): Promise<void> {
    await new Promise<void>((resolve) => engine.on("close", () => resolve()));
  }

  /** After a kill: nobody was run that was complete before, and what is complete now. */
  #look(): void {
    this.#checkRan();
    try {
      const names = listComplete({
        database: this.#path("run.db"),
        cache: this.#path("cache/cache.db"),
        actors: ACTORS,
      });
      for (const name of names) this.#complete.add(name);
    } catch (error) {
      this.#problems.push(
        `a database does not open: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #checkRan(): void {
    for (const name of this.#read("ran").split("\n")) {
      if (this.#complete.has(name)) this.#problems.push(`${name} was complete and has been run again`);
    }
    rmSync(this.#path("ran"), { force: true });
  }

  /** The watchdogs end what a killed engine has left, and remove its folders, whenever it was killed. */
  async #whenAllEnded(): Promise<void> {
    const begunAt = Date.now();
    while (this.#lives() || this.#hasFolder()) {
      const tookMs = Date.now() - begunAt;
      if (tookMs > 20_000) throw new Error("Processes or folders of a killed engine stay");
      await sleep(10);
    }
  }

  async #whenBegun(engine: ChildProcess): Promise<void> {
    while (!this.#hasFolder() && engine.exitCode === null) await sleep(2);
  }

  #hasFolder(): boolean {
    return readdirSync(this.#path("tmp")).length > 0;
  }

  #lives(): boolean {
    return readdirSync("/proc").some((pid) => {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(this.#mark) &&
          !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
      } catch {
        return false; // It has ended while we looked.
      }
    });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #read(name: string): string {
    return existsSync(this.#path(name)) ? readFileSync(this.#path(name), "utf8") : "";
  }
}
