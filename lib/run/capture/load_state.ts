/**
 * Going on from a captured run: what was built in it is taken from there, and its actors are not run again.
 *
 *   a ─▶ b ─▶ c        a and b were built:   [b's bytes] ─▶ c
 *
 * An actor counts as built when it is the same as then, has ended well, all that it wrote was kept, and everything it
 * reads is built too. In the flow that is run it becomes a file.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Archive, ArchivedStream } from "../../core/archive.ts";
import type { Actor, Flow, StreamRef } from "../../core/flow.ts";
import { isMessageActor, isProcess, streamName } from "../../core/flow.ts";
import { makeTemporaryFolder, nameTemporaryFolder } from "../../host/files/temporary_folder.ts";
import type { Plan } from "../../core/plan.ts";
import { listRead, streamsInto } from "../../graph/select_actors.ts";
import { isSystemError } from "../../host/errno.ts";
import { removeFolder } from "../../host/files/remove.ts";
import type { Watchdog } from "../../process/start/watchdog.ts";
import { guardFolder } from "../../process/start/watchdog.ts";
import { isStoreEmpty, isStoreThere, openStoreToRead } from "../../store/capture/open_store.ts";
import { RunArchive } from "../../store/capture/run_archive.ts";
import { StoreError } from "../../store/capture/store_error.ts";
import { stretchSecrets } from "../reads/stretch_secrets.ts";
import { hashDefinition, stampOf } from "./actor_stamp.ts";
import type { LoadedState } from "../state/loaded_state.ts";

/** Finds what the newest run of a database has built of a flow. Throws a StoreError. */
export function loadState(flow: Flow, file: string): LoadedState {
  const archive = new RunArchive(openStoreToRead(file));
  try {
    const [run] = archive.listRuns();
    if (run === undefined) {
      throw new StoreError(`Cannot use database "${file}": no run is in it (save one first)`);
    }
    return new StateFiles(flow, { database: file, known: archive.read(run) });
  } finally {
    archive.close();
  }
}

/**
 * Finds what the newest run of a database has built of a flow, in order to go on with it. Unlike `loadState` it counts
 * nothing as built that reads a file, or is made by a program, that has changed since; and a run that is over has read
 * its standard input. Undefined when there is nothing to go on from. Throws a StoreError.
 */
export function resumeState(flow: Flow, file: string): LoadedState | undefined {
  if (!isStoreThere(file) || isStoreEmpty(file)) return undefined;
  const archive = new RunArchive(openStoreToRead(file));
  try {
    const [run] = archive.listRuns();
    if (run === undefined) return undefined;
    return new StateFiles(flow, { database: file, known: archive.read(run), isResumed: true });
  } finally {
    archive.close();
  }
}

class StateFiles implements LoadedState {
  readonly flow: Flow;
  readonly original: Flow;
  readonly built: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, string>;
  readonly origins?: ReadonlyMap<string, ArchivedStream>;
  readonly #folder = nameTemporaryFolder();
  readonly #database: string;
  readonly #streams: readonly ArchivedStream[];
  #guard: Watchdog | undefined;

  constructor(
    flow: Flow,
    { database, known, isResumed = false }: {
      readonly database: string;
      readonly known: Archive;
      readonly isResumed?: boolean;
    },
  ) {
    this.original = flow;
    this.#database = database;
    this.built = findBuilt(flow, { known, isResumed });
    this.#streams = known.streams.filter(({ actor }) => this.built.has(actor));
    if (isResumed) this.origins = new Map(this.#streams.map((stream) => [stream.name, stream]));
    // By number: the name of an instance may have a path in it.
    this.files = new Map(this.#streams.map(({ name }, at) => [name, join(this.#folder, String(at))]));
    this.flow = replaceBuilt(flow, this);
  }

  async prepare(plan: Plan, { isCaptured }: { readonly isCaptured: boolean }): Promise<void> {
    const read = new Set(plan.actors.map(({ name }) => name));
    const isNeeded = ({ name }: ArchivedStream): boolean =>
      (isCaptured && this.origins === undefined) || read.has(name);
    const needed = this.#streams.filter(isNeeded);
    if (needed.length === 0) return;
    // Before the folder is made: the engine may be killed at any time.
    this.#guard = await guardFolder(this.#folder);
    const archive = new RunArchive(openStoreToRead(this.#database));
    try {
      makeTemporaryFolder(this.#folder);
      for (const stream of needed) this.#write(stream, archive.readStream(stream));
    } finally {
      archive.close();
    }
  }

  #write({ name }: ArchivedStream, pieces: Iterable<Uint8Array>): void {
    const fd = openSync(this.files.get(name) ?? "", "wx");
    try {
      for (const piece of pieces) for (let at = 0; at < piece.length;) at += writeSync(fd, piece, at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new StoreError(
        `Cannot take "${name}" from "${this.#database}": ${error.message} (set TMPDIR to a folder with room)`,
        { cause: error },
      );
    } finally {
      closeSync(fd);
    }
  }

  async remove(): Promise<void> {
    removeFolder(this.#folder);
    await this.#guard?.dismiss();
  }
}

function findBuilt(
  flow: Flow,
  { known, isResumed }: { readonly known: Archive; readonly isResumed: boolean },
): ReadonlySet<string> {
  const actors = new Map(known.actors.map((actor) => [actor.name, actor]));
  const streams = new Map(known.streams.map((stream) => [stream.name, stream]));
  const cut = new Set(known.streams.filter(({ isComplete }) => !isComplete).map(({ actor }) => actor));
  const wanted = new Map<string, string[]>();
  for (const stream of listRead(flow)) {
    wanted.set(stream.actor, [...wanted.get(stream.actor) ?? [], streamName(stream)]);
  }
  const stretch = stretchSecrets(flow);
  const isKept = (actor: Actor): boolean => {
    const then = actors.get(actor.name);
    // What it has said to others is no stream of it.
    if (isMessageActor(actor)) return false;
    if (isResumed && !isSameAsThen(actor, then?.stamp)) return false;
    if (isResumed && actor.source.kind === "stdin" && known.run.state === "done") return false;
    return then?.state === "done" && then.definition === hashDefinition(actor, stretch) &&
      !cut.has(actor.name) &&
      (wanted.get(actor.name) ?? []).every((name) => streams.has(name));
  };
  // From what is not built to all that reads of it, directly or not.
  const stale = new Set([...flow.actors.values()].filter((actor) => !isKept(actor)).map(({ name }) => name));
  const readers = new Map<string, string[]>();
  for (const actor of flow.actors.values()) {
    for (const { actor: writer } of streamsInto(actor)) {
      readers.set(writer, [...readers.get(writer) ?? [], actor.name]);
    }
  }
  for (const name of stale) for (const reader of readers.get(name) ?? []) stale.add(reader);
  return new Set([...flow.actors.keys()].filter((name) => !stale.has(name)));
}

/** A built actor is no process any more. */
function toFile(
  { isCached, retry: _, unit: _____, workers: __, limits: ___, members: ____, ...actor }: Actor,
): Actor {
  const isLoaded = isCached !== true && (isProcess(actor) || actor.source.kind === "stdin");
  return { ...actor, ...(isLoaded ? { isLoaded } : {}), inputs: [], outputs: [] };
}

function isSameAsThen(actor: Actor, stamp: string | undefined): boolean {
  return stampOf(actor).stamp === stamp;
}

/** Each stream of a built actor becomes a file with the stream's name; the name of a port's has a dot, as no other. */
function replaceBuilt(
  flow: Flow,
  { built, files }: { readonly built: ReadonlySet<string>; readonly files: ReadonlyMap<string, string> },
): Flow {
  const redirect = (stream: StreamRef): StreamRef =>
    built.has(stream.actor) ? { actor: streamName(stream), port: "stdout" } : stream;
  const actors = [...flow.actors.values()].flatMap((actor): readonly Actor[] => {
    if (!built.has(actor.name)) {
      const inputs = actor.inputs.map((input) => ({ ...input, streams: input.streams.map(redirect) }));
      return [{ ...actor, inputs }];
    }
    return ["stdout", ...actor.outputs.map(({ name }) => name), "stderr"].flatMap((port) => {
      const name = streamName({ actor: actor.name, port });
      const path = files.get(name);
      return path === undefined ? [] : [{ ...toFile(actor), name, source: { kind: "file", path } }];
    });
  });
  return {
    ...flow,
    actors: new Map(actors.map((actor) => [actor.name, actor])),
    aliases: new Map([...flow.aliases].map(([name, streams]) => [name, streams.map(redirect)])),
    outputs: flow.outputs.map((output) => ({ ...output, streams: output.streams.map(redirect) })),
  };
}
