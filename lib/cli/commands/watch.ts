/** `sluice watch FLOW [ACTOR…]`: runs it, and again whenever something that it reads has changed. */
import { statSync } from "node:fs";
import { constants } from "node:os";
import { relative } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { WATCH_QUIET_MS } from "../../core/limits/watch.ts";
import type { FileChange, FileWatcher, WatchedPlaces } from "../../host/files/file_watcher.ts";
import { watchFiles } from "../../host/files/file_watcher.ts";
import { toAbsolute } from "../../host/files/working_folder.ts";
import { onSignal } from "../../host/spawn/ignored_signals.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import { listWatched } from "../../run/reads/watched_paths.ts";
import { planOfRun } from "../../run/run_flow.ts";
import type { OpenedFlow } from "../line/open_flow.ts";
import { IssuesError, openFlow } from "../line/open_flow.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";
import { readOptions, runOpened } from "./run.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
const EXIT_FAILED = 1;
const EXIT_SIGNAL = 128;

/** The answer is the exit code of the signal that has ended it. */
export async function watchCommand(given: Arguments): Promise<number> {
  const [source] = given.words;
  if (source === "-") {
    throw new UsageError(
      "Cannot watch a flow that comes from standard input (expected the path of a flow file)",
    );
  }
  const watch = new Watch(given);
  try {
    return await watch.run();
  } finally {
    await watch.close();
  }
}

/** What was looked at, and how it was then. */
interface Looked {
  readonly paths: WatchedPlaces;
  readonly stamps: ReadonlyMap<string, string>;
  /** The actors, as they tell which members sets have. */
  readonly actors: string;
}

class Watch {
  readonly #given: Arguments;
  readonly #removes: readonly (() => void)[];
  #signal: typeof SIGNALS[number] | undefined;
  #watcher: FileWatcher | undefined;
  /** Not all can be watched: a change may go unseen, so it ends when the flow has run. */
  #hasFailed = false;
  #looked: Looked;
  /** What has changed since the last run began. */
  #changes: FileChange[] = [];
  #wake: () => void = () => undefined;

  constructor(given: Arguments) {
    this.#given = given;
    this.#looked = look({
      files: new Set([toAbsolute(given.words[0] ?? "")]),
      trees: new Set(),
      folders: new Set(),
    }, "");
    this.#removes = SIGNALS.map((signal) =>
      onSignal(signal, () => {
        this.#signal ??= signal;
        this.#wake();
      })
    );
  }

  async run(): Promise<number> {
    for (;;) {
      const changed = await this.#runOnce();
      if (this.#hasFailed) return EXIT_FAILED;
      if (this.#signal !== undefined) return EXIT_SIGNAL + constants.signals[this.#signal];
      if (this.#given.options.quiet !== true) this.#tell(changed);
    }
  }

  async close(): Promise<void> {
    for (const remove of this.#removes) remove();
    await this.#watcher?.close();
  }

  #tell(changed: string | undefined): void {
    writeText(2, `sluice: ${changed ?? "a file"} has changed: running again\n`);
  }

  /** Runs it, and waits for a change; gives the path that has changed, or undefined for a signal. */
  async #runOnce(): Promise<string | undefined> {
    this.#changes = [];
    // Before anything is read: what changes from now on has changed since.
    this.#looked = look(this.#looked.paths, this.#looked.actors);
    const opened = await this.#open();
    await this.#watch(opened);
    if (opened === undefined) return await this.#nextChange(undefined);
    const stop = new AbortController();
    const running = runOpened(this.#given, opened, stop.signal);
    const isOver = running.then(() => true, () => true);
    const changed = await this.#nextChange(isOver);
    if (changed !== undefined) stop.abort(`${changed} has changed`);
    await this.#settle(running);
    if (changed !== undefined || this.#signal !== undefined) return changed;
    await this.#watch(opened); // Now it is known what cached actors have read.
    return await this.#nextChange(undefined);
  }

  /** A flow that cannot be run is told; it may be mended. */
  async #settle(running: Promise<number>): Promise<void> {
    try {
      await running;
    } catch (error) {
      if (!(error instanceof IssuesError)) throw error;
      writeText(2, error.message.endsWith("\n") ? error.message : `${error.message}\n`);
    }
  }

  async #open(): Promise<OpenedFlow | undefined> {
    try {
      const opened = await openFlow(this.#given, wantsColor(2, this.#given.options["no-color"] === true));
      const input = [...opened.flow.actors.values()].find(({ source }) => source.kind === "stdin");
      if (input === undefined) return opened;
      throw new UsageError(
        `Cannot watch a flow whose actor "${input.name}" reads standard input: it is there once (expected a "file")`,
      );
    } catch (error) {
      // What was good before may be so again: a file of variables that is gone, an actor that reads standard input.
      const isForNow = error instanceof UsageError && this.#watcher !== undefined;
      if (!(error instanceof IssuesError) && !isForNow) throw error;
      writeText(2, error.message.endsWith("\n") ? error.message : `${error.message}\n`);
      return undefined;
    }
  }

  /** Watches what the flow reads; without one, what it read before. */
  async #watch(opened: OpenedFlow | undefined): Promise<void> {
    if (opened !== undefined) {
      const { flow } = opened;
      const plan = await planOfRun(flow, readOptions(this.#given, flow));
      const paths = this.#withVariables(await listWatched(flow, plan.actors.map(({ name }) => name)));
      const before = this.#watcher === undefined ? undefined : this.#looked.paths;
      this.#looked = look(paths, namesOf(opened), this.#looked.stamps);
      if (before !== undefined && isSame(before, paths)) return;
    } else {
      // Whatever comes then may be what was missing.
      this.#looked = { ...this.#looked, actors: "" };
      if (this.#watcher !== undefined) return;
    }
    const old = this.#watcher;
    this.#watcher = await watchFiles(this.#looked.paths, {
      onChange: (change) => {
        this.#changes.push(change);
        this.#wake();
      },
      onFailed: (error) => {
        this.#hasFailed = true;
        this.#wake();
        const reason = error instanceof Error ? error.message : String(error);
        writeText(
          2,
          `sluice: Cannot watch all that the flow reads: ${reason} (see fs.inotify.max_user_watches)\n`,
        );
      },
    });
    await old?.close();
    // What has changed before it was watched nobody has told.
    for (const [path, stamp] of this.#looked.stamps) {
      if (stampOf(path) !== stamp) this.#changes.push({ path, kind: "changed" });
    }
  }

  /** The file of variables is read for each run. */
  #withVariables(paths: WatchedPlaces): WatchedPlaces {
    const file = this.#given.options["env-file"];
    return file === undefined ? paths : { ...paths, files: new Set([...paths.files, toAbsolute(file)]) };
  }

  /** Waits for a change that counts, a signal, or the end of something. */
  async #nextChange(until: Promise<boolean> | undefined): Promise<string | undefined> {
    let isOver = until === undefined;
    void until?.then(() => {
      isOver = true;
      this.#wake();
    });
    for (;;) {
      if (this.#signal !== undefined) return undefined;
      if (this.#hasFailed && isOver) return undefined;
      if (this.#changes.length > 0) {
        await this.#quiet();
        const changed = await this.#findRelevant(this.#changes.splice(0));
        if (changed !== undefined) return relative(process.cwd(), changed) || changed;
        continue;
      }
      if (until !== undefined && isOver) return undefined;
      await new Promise<void>((settle) => this.#wake = settle);
    }
  }

  /** Editors, and `git checkout`, change much at once. */
  async #quiet(): Promise<void> {
    let count: number;
    do {
      count = this.#changes.length;
      await sleep(WATCH_QUIET_MS);
    } while (this.#changes.length > count && this.#signal === undefined);
  }

  async #findRelevant(changes: readonly FileChange[]): Promise<string | undefined> {
    const { paths, stamps, actors } = this.#looked;
    const file = changes.find(({ path }) => paths.files.has(path) && stampOf(path) !== stamps.get(path));
    if (file !== undefined) return file.path;
    const moved = changes.filter(({ kind }) => kind !== "changed");
    const listed = moved.find(({ path }) => paths.folders.has(path.slice(0, path.lastIndexOf("/"))));
    if (listed !== undefined) return listed.path;
    if (moved.length === 0) return undefined;
    // Whether a file belongs to a set, only the set knows.
    const loaded = await this.#peek();
    return loaded !== actors ? moved[0]?.path : undefined;
  }

  /** The actors that the flow would have now; undefined when it could not be run. */
  async #peek(): Promise<string | undefined> {
    try {
      return namesOf(await openFlow(this.#given, false));
    } catch (error) {
      if (!(error instanceof IssuesError)) throw error;
      return undefined;
    }
  }
}

/** `before` is how files were when the run began. */
function look(paths: WatchedPlaces, actors: string, before?: ReadonlyMap<string, string>): Looked {
  const stamps = [...paths.files].map((path) => [path, before?.get(path) ?? stampOf(path)] as const);
  return { paths, actors, stamps: new Map(stamps) };
}

/** What tells that a file is another, or was written. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return ""; // Not there, or not to be looked at: the flow tells it when it needs it.
  }
}

function namesOf({ flow }: OpenedFlow): string {
  return JSON.stringify([...flow.actors.keys()]);
}

function isSame(a: WatchedPlaces, b: WatchedPlaces): boolean {
  return (["files", "trees", "folders"] as const).every((kind) =>
    a[kind].size === b[kind].size && [...a[kind]].every((path) => b[kind].has(path))
  );
}
