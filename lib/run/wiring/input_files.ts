/**
 * Inputs that are given as complete regular files: filled by the relays in the run's folder, handed over when they have
 * everything, and removed with the folder. Those of cached actors pass the engine, which hashes them.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Failure, OverRoom } from "../../core/failure.ts";
import { groupOf, isInstance } from "../../core/instance.ts";
import { closeFile, makeEnginePipe, openFile } from "../../host/descriptors/descriptors.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import { WholeFiles } from "../logs/whole_files.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { RelayClient, RelayedJoin, RelayError } from "../relays/relay_client.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { Content } from "../../store/cache/hash_file.ts";
import { HASHED_PIPES_MAX } from "../../core/limits/store.ts";

/** Told when a file could not be written: its actor cannot run. */
type OnFailure = (failure: Failure & { readonly kind: "input" }) => void;

export interface InputFileHooks {
  /** An input has got all it gets. */
  readonly onChange: () => void;
  /** The input of a cached actor has got all it gets. */
  readonly onHashed: (input: { readonly actor: string; readonly port: string }, content: Content) => void;
  /** A bug. */
  readonly onError: (error: unknown) => void;
}

export class InputFiles {
  readonly #relays: RelayClient;
  readonly #folder: RunFolder;
  readonly #isCached: (actor: string) => boolean;
  readonly #isGivenOnce: (joined: RelayedJoin) => boolean;
  readonly #hooks: InputFileHooks;
  /** Those that the relays still write. */
  readonly #filling = new Map<RelayedJoin, { readonly isHashed: boolean }>();
  /** Those that are written, and whose content is still to be known. */
  readonly #unhashed = new Set<RelayedJoin>();
  #isHashing = false;
  /** Of instances. */
  readonly #numbers = new Map<string, number>();
  readonly #complete = new Set<RelayedJoin>();
  /** How much all of them take. */
  readonly #room: WholeFiles<RelayedJoin>;
  #onFailure: OnFailure = () => undefined;

  constructor(
    relays: RelayClient,
    { folder, spillBytes, isCached, isGivenOnce, ...hooks }: InputFileHooks & {
      readonly folder: RunFolder;
      /** What the flow allows. */
      readonly spillBytes: number | undefined;
      readonly isCached: (actor: string) => boolean;
      /** It is the same for every try. */
      readonly isGivenOnce: (joined: RelayedJoin) => boolean;
    },
  ) {
    this.#relays = relays;
    this.#folder = folder;
    this.#isCached = isCached;
    this.#isGivenOnce = isGivenOnce;
    this.#hooks = hooks;
    this.#room = new WholeFiles<RelayedJoin>({
      folder: folder.root,
      spillBytes,
      onOver: (joined, over) =>
        this.#fail(joined, { errno: "EFBIG", reason: "it takes too much room", over }),
    });
  }

  /** Nobody needs them any more. */
  close(): void {
    this.#room.stop();
  }

  /** Begins to fill all of them. */
  start({ onFailure }: { readonly onFailure: OnFailure }): void {
    this.#onFailure = onFailure;
    const all = this.#relays.joins.filter(isInputFile);
    const ofCached = new Set(
      all.filter(({ join: { to } }) => to.kind === "actor" && this.#isCached(to.actor)),
    );
    // A pipe through the engine hashes what passes, and is two descriptors as long as the input is filled.
    const areHashedLater = ofCached.size > HASHED_PIPES_MAX;
    for (const joined of all) {
      this.#room.start(joined, () => statSync(this.pathOf(joined), { throwIfNoEntry: false })?.size ?? 0);
      try {
        if (ofCached.has(joined) && !areHashedLater) void this.#hash(joined).catch(this.#hooks.onError);
        else this.#fill(joined, { isHashed: ofCached.has(joined) });
      } catch (error) {
        this.#fail(joined, describeSystemError(error));
      }
    }
  }

  /** The relays open it when something comes. */
  #fill(joined: RelayedJoin, { isHashed }: { readonly isHashed: boolean }): void {
    const path = this.pathOf(joined);
    closeFile(openFile(path, "write"));
    this.#filling.set(joined, { isHashed });
    this.#relays.openJoin(joined, { path });
  }

  async #hash(joined: RelayedJoin): Promise<void> {
    const { fillFile } = await import("../reads/hashed_file.ts");
    const { readFd, writeFd } = makeEnginePipe("write");
    this.#relays.openJoin(joined, { fd: writeFd, isFile: false });
    try {
      this.#noteHashed(joined, await fillFile(readFd, this.pathOf(joined)));
    } catch (error) {
      this.#fail(joined, describeSystemError(error));
    }
  }

  /** One after the other: there are many. */
  async #hashNext(): Promise<void> {
    const [joined] = this.#unhashed;
    if (joined === undefined || this.#isHashing) return;
    this.#unhashed.delete(joined);
    this.#isHashing = true;
    try {
      const { hashFile } = await import("../../store/cache/hash_file.ts");
      this.#noteHashed(joined, await hashFile(this.pathOf(joined)));
    } catch (error) {
      this.#fail(joined, describeSystemError(error));
    }
    this.#isHashing = false;
    await this.#hashNext();
  }

  #noteHashed(joined: RelayedJoin, content: Content): void {
    this.#room.end(joined);
    this.#complete.add(joined);
    if (joined.join.to.kind === "actor") this.#hooks.onHashed(joined.join.to, content);
  }

  /** Where the input is, or will be. */
  pathOf({ join: { to } }: Pick<RelayedJoin, "join">): string {
    if (to.kind !== "actor") throw new Error("An output is no input");
    if (!isInstance(to.actor) && !to.actor.includes("/")) {
      return join(this.#folder.path, `${to.actor}.${to.port}`);
    }
    // Its name may have a path in it.
    const number = this.#numbers.get(to.actor) ?? this.#numbers.size;
    this.#numbers.set(to.actor, number);
    return join(this.#folder.path, `${groupOf(to.actor).replaceAll("/", "-")}-${number}.${to.port}`);
  }

  /** True when the actor can be given all of its files. */
  areComplete({ actor, relayedIn }: ActorRun): boolean {
    const mayBeFiles = actor.isCached === true || actor.members !== undefined;
    if (!mayBeFiles && !actor.inputs.some(({ isFile }) => isFile)) return true;
    return relayedIn.every((edge) => {
      const joined = this.#relays.joinOf(edge);
      return joined === undefined || !isInputFile(joined) || this.#complete.has(joined);
    });
  }

  /** Its actor is run again with others: what those write is filled in once more. */
  refill({ actor, relayedIn }: ActorRun): void {
    const joins = new Set(relayedIn.flatMap((edge) => this.#relays.joinOf(edge) ?? []));
    for (const joined of joins) {
      if (!isInputFile(joined) || this.#isGivenOnce(joined)) continue;
      this.#complete.delete(joined);
      try {
        this.#fill(joined, { isHashed: this.#isCached(actor.name) });
      } catch (error) {
        this.#fail(joined, describeSystemError(error));
      }
    }
  }

  /** The relays have written all of it, or could not. */
  end(joined: RelayedJoin, error: RelayError | undefined): void {
    const filling = this.#filling.get(joined);
    if (filling === undefined) return;
    this.#filling.delete(joined);
    this.#room.end(joined);
    if (error !== undefined) return this.#fail(joined, { errno: error.code, reason: error.message });
    if (filling.isHashed) {
      this.#unhashed.add(joined);
      return void this.#hashNext().catch(this.#hooks.onError);
    }
    this.#complete.add(joined);
    this.#hooks.onChange();
  }

  #fail(
    joined: RelayedJoin,
    error: { readonly errno: string; readonly reason: string; readonly over?: OverRoom },
  ): void {
    const { to } = joined.join;
    this.#room.end(joined);
    if (to.kind === "actor") {
      const { root: folder } = this.#folder;
      this.#onFailure({ kind: "input", actor: to.actor, port: to.port, folder, ...error });
    }
  }
}

/** True for a join that goes through the engine into a file for an actor. */
function isInputFile({ join: { to, isFile } }: RelayedJoin): boolean {
  return to.kind === "actor" && isFile === true;
}
