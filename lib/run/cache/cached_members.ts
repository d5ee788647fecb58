/**
 * The processes of members of streams whose output is kept for later runs. Each is looked up by itself when it is about
 * to start: all that it is given is a complete file by then. What it writes goes into files of the cache, and is given on
 * when it has ended well. Of a member that has ended nothing is remembered here.
 *
 *   about to start ─▶ key ─▶ found ──▶ not run: its streams are what is kept
 *                           not found ▶ run: watched; when it has ended well, kept
 */
import type { Failure } from "../../core/failure.ts";
import { HASH_TRIES_MAX } from "../../core/limits/store.ts";
import type { Plan } from "../../core/plan.ts";
import { makeHide } from "../../core/secrets.ts";
import { DatabaseError } from "../../host/files/database.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { ProcessCommand } from "../../process/start/process_command.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import { hashFile } from "../../store/cache/hash_file.ts";
import { WholeFiles } from "../logs/whole_files.ts";
import type { ActorRun } from "../state/actor_run.ts";
import { CacheLookup } from "./cache_lookup.ts";
import { CachedOutput } from "./cached_output.ts";
import type { LookedUp } from "./cached_run.ts";

/** A port of a process and the file that holds what it has written, or would. */
export interface WrittenPort {
  readonly port: string;
  readonly path: string;
  /** It is in the cache, where it stays. */
  readonly isKept: boolean;
}

export interface CachedProcess {
  /** What it reads, all of it complete. `isShared`: it is the same for all members. */
  readonly inputs: readonly { readonly port: string; readonly path: string; readonly isShared: boolean }[];
  readonly isStderrRead: boolean;
  /** Puts what is there of it where its readers find it. */
  readonly place: (written: readonly WrittenPort[]) => Promise<void>;
}

/** A process of a member, until that has ended. */
interface CachedMember extends LookedUp, Pick<CachedProcess, "place"> {
  readonly output: CachedOutput;
}

export class CachedMembers {
  readonly #plan: Pick<Plan, "flow">;
  readonly store: CacheStore;
  readonly #isAnew: boolean;
  readonly #lookup: CacheLookup;
  readonly #room: WholeFiles<ActorRun>;
  readonly #makeOutput: () => CachedOutput;
  /** Of what is alike for all members. */
  readonly #shared = new Map<string, Promise<string>>();
  readonly #runs = new Map<ActorRun, CachedMember>();

  constructor(
    plan: Plan,
    { store, folder, isAnew, onNotKept, onOver }: {
      readonly store: CacheStore;
      /** The run's own. */
      readonly folder: string;
      /** Nothing is taken from the cache; what is written goes into it. */
      readonly isAnew: boolean;
      /** What was written could not be kept; nobody in this run misses it. */
      readonly onNotKept: (failure: Failure) => void;
      /** A process writes more than there is room for: it has to be ended. */
      readonly onOver: (run: ActorRun) => void;
    },
  ) {
    this.#plan = plan;
    this.store = store;
    this.#isAnew = isAnew;
    this.#lookup = new CacheLookup(plan, { store, folder });
    const hide = makeHide(plan.flow);
    this.#makeOutput = () => new CachedOutput(store, { hide, onNotKept });
    this.#room = new WholeFiles<ActorRun>({
      folder: store.folder,
      spillBytes: plan.flow.limits.spillBytes,
      onOver: (run, over) => {
        run.process.noteOver({ limit: "output", ...over, folder: store.folder });
        onOver(run);
      },
    });
  }

  /** Looks up a process that is about to start. Bytes that are there of it, in their places: then it is not to be run. */
  async find(run: ActorRun, { inputs, isStderrRead, place }: CachedProcess): Promise<number | undefined> {
    const ports = [
      "stdout",
      ...run.actor.outputs.map(({ name }) => name),
      ...isStderrRead ? ["stderr"] : [],
    ];
    const readInputs = this.#inputReader(inputs);
    const cached: CachedMember = {
      run,
      ports,
      readInputs,
      output: this.#makeOutput(),
      given: undefined,
      place,
    };
    this.#runs.set(run, cached);
    try {
      const given = cached.given = await this.#lookup.read(cached);
      for (let looks = 0; !this.#isAnew && looks < HASH_TRIES_MAX; looks++) {
        const found = this.#lookup.find(cached, given);
        if (found instanceof Promise) {
          await found;
          continue;
        }
        const streams = found?.streams.filter(({ port }) => ports.includes(port)) ?? [];
        if (streams.length < ports.length) return undefined;
        await place(
          streams.map((stream) => ({ port: stream.port, path: this.store.pathOf(stream), isKept: true })),
        );
        return streams.reduce((sum, { size }) => sum + size, 0);
      }
    } catch (error) {
      if (!(error instanceof DatabaseError)) describeSystemError(error);
      // What cannot be looked up is made anew; what is wrong with a file is the process's to tell.
    }
    return undefined;
  }

  #inputReader(inputs: CachedProcess["inputs"]): LookedUp["readInputs"] {
    const own = new Map<string, Promise<string>>();
    return () =>
      Promise.all(inputs.map(async ({ port, path, isShared }) => {
        const known = isShared ? this.#shared : own;
        const hash = known.get(path) ?? this.#hash(path);
        known.set(path, hash);
        return { port, parts: [await hash] };
      }));
  }

  async #hash(path: string): Promise<string> {
    const content = await hashFile(path);
    this.store.noteMentions(content);
    return content.hash;
  }

  /** The file that a process is to write a port into; undefined when that is not kept. */
  fileFor(run: ActorRun, port: string): string | undefined {
    const cached = this.#runs.get(run);
    return cached?.ports.includes(port) === true ? cached.output.fileFor(port) : undefined;
  }

  /** The command by which a process is run: one that is watched, where that is to be known. */
  async watch(run: ActorRun, command: ProcessCommand): Promise<ProcessCommand> {
    const cached = this.#runs.get(run);
    if (cached === undefined) return command;
    this.#room.start(run, () => cached.output.writtenBytes);
    return cached.given === undefined ? command : await this.#lookup.watch(run.actor, command);
  }

  /** Keeps what a process has written that has ended well, and puts it in its places. Gives the reason when it is not kept. */
  async keep(
    run: ActorRun,
    { startedAt, durationMs }: { readonly startedAt: number; readonly durationMs: number },
  ): Promise<string | undefined> {
    const cached = this.#runs.get(run);
    if (cached === undefined) return undefined;
    this.#room.end(run);
    const { actor } = run;
    const kept = await this.#lookup.settle(cached, startedAt);
    const entry = kept.ok ? kept : undefined;
    const written = await cached.output.keep({ actor, entry, flow: this.#plan.flow.name, durationMs });
    await cached.place(
      written.map(({ port, hash, path }) => ({ port, path, isKept: path === this.store.pathOf({ hash }) })),
    );
    this.forget(run);
    return kept.ok ? undefined : kept.reason;
  }

  /** Forgets what a process has written: a try has failed. */
  drop(run: ActorRun): void {
    this.#room.end(run);
    this.#lookup.drop(run.actor);
    this.#runs.get(run)?.output.drop();
  }

  /** A process has failed: nobody reads what it has written. */
  fail(run: ActorRun): void {
    if (!this.#runs.has(run)) return;
    this.drop(run);
    this.forget(run);
  }

  /** Its member goes on without it: it was found, or is not to be run any more. */
  forget(run: ActorRun): void {
    this.#runs.delete(run);
    this.#lookup.drop(run.actor);
  }

  close(): void {
    this.#room.stop();
  }
}
