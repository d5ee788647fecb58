/**
 * Watches what cached actors read by themselves, from their start to their end.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CACHE_TRACE_END_MS } from "../../core/limits/store.ts";
import type { Actor } from "../../core/flow.ts";
import { mayBeCached } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import type { FileAccess } from "../../process/trace/file_access.ts";
import { findStrace, mayStart, ReadTrace } from "../../process/trace/strace.ts";
import type { ProcessCommand } from "../../process/start/process_command.ts";
import { commandMentions } from "../reads/command_mentions.ts";
import type { Kept, KeptReads } from "../reads/kept_reads.ts";
import { describeSystemError } from "../../host/system_error.ts";

/** What was kept, under its base. */
export type WatchedReads =
  | (Kept & { readonly ok: true; readonly base: string })
  | (Kept & { readonly ok: false });

/** Why an actor is not cached on this machine. */
export const CANNOT_SEE =
  'what it reads cannot be seen here (install strace, or say what it reads: "reads": ["data/*.csv"], or [] for nothing)';

/** Where a folder is, or will be: that of the run is made when it begins. */
function realPlace(folder: string): string {
  return join(realpathSync(dirname(folder)), basename(folder));
}

export class ReadWatch {
  readonly #kept: KeptReads;
  readonly #skipped: readonly string[];
  /** Two members may have one name. */
  readonly #traces = new Map<Actor, ReadTrace>();
  #strace: Promise<string | undefined> | undefined;

  /** `skipped` are the engine's folders: what an actor is given from there is known. */
  constructor(kept: KeptReads, skipped: readonly string[]) {
    this.#kept = kept;
    this.#skipped = [...new Set(skipped.flatMap((folder) => [folder, realPlace(folder)]))];
  }

  /** The command that is watched; the same one when it is not. Rejects with the system's error. */
  async begin(actor: Actor, command: ProcessCommand): Promise<ProcessCommand> {
    if (actor.reads !== undefined || !mayStart(command, actor.cwd)) return command;
    this.#strace ??= lookForStrace();
    const strace = await this.#strace;
    if (strace === undefined) return command;
    this.drop(actor);
    const trace = new ReadTrace(actor.cwd);
    this.#traces.set(actor, trace);
    return { ...command, ...trace.wrap(command, strace) };
  }

  /** An actor has ended well: what is to be kept of its reads. `base` is undefined when its files or inputs have changed. */
  async end(actor: Actor, { base, startedAt, contents, offered }: {
    readonly base: string | undefined;
    readonly startedAt: number;
    readonly contents: readonly string[];
    readonly offered: ReadonlyMap<string, string>;
  }): Promise<WatchedReads> {
    const trace = this.#traces.get(actor);
    const accesses = await trace?.finish(CACHE_TRACE_END_MS);
    const reason = base === undefined
      ? "a file that it is given cannot be read, or was changed while it ran"
      : this.#problemOf(actor, accesses);
    if (base === undefined || reason !== undefined) return { ok: false, reason: reason ?? "" };
    const kept = await this.#kept.keep({
      base,
      accesses,
      skipped: this.#skipped,
      startedAt,
      mentions: commandMentions(actor),
      contents,
      offered,
    });
    return kept.ok ? { ...kept, base } : kept;
  }

  #problemOf(actor: Actor, accesses: readonly FileAccess[] | undefined): string | undefined {
    if (actor.reads !== undefined || accesses !== undefined) return undefined;
    return this.#traces.has(actor)
      ? "not all that it did was seen: a process that it has started lives on"
      : CANNOT_SEE;
  }

  /** Nobody wants to know what it has read. */
  drop(actor: Actor): void {
    this.#traces.get(actor)?.close();
    this.#traces.delete(actor);
  }
}

/** The path of strace, where it works. */
export async function lookForStrace(): Promise<string | undefined> {
  try {
    return await findStrace();
  } catch (error) {
    describeSystemError(error);
    return undefined; // What cannot be started cannot watch.
  }
}

/** The actors of a plan that are not cached on this machine, though they have `cache`. */
export async function listUncached({ actors }: Plan): Promise<readonly string[]> {
  const watched = actors.filter((actor) => mayBeCached(actor) && actor.reads === undefined);
  if (watched.length === 0 || await lookForStrace() !== undefined) return [];
  return watched.map(({ name }) => name);
}
