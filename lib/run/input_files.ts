/**
 * Inputs that are given as complete regular files: filled by the relays in the run's folder, handed over when they have
 * everything, and removed with the folder. Those of cached actors pass the engine, which hashes them.
 */
import { join } from "node:path";
import type { Failure } from "../core/failure.ts";
import { groupOf, isInstance } from "../core/instance.ts";
import { closeFile, makeEnginePipe, openFile } from "../host/descriptors.ts";
import type { RunFolder } from "../process/run_folder.ts";
import type { ActorRun } from "./actor_run.ts";
import type { RelayClient, RelayedJoin, RelayError } from "./relay_client.ts";
import { describeSystemError } from "../host/system_error.ts";
import type { Content } from "../store/hash_file.ts";

export interface InputFileHooks {
  /** An input has got all it gets. */
  readonly onChange: () => void;
  /** The input of a cached actor has got all it gets. */
  readonly onHashed: (input: { readonly actor: string; readonly port: string }, content: Content) => void;
  /** The file could not be written: its actor cannot run. */
  readonly onFailure: (failure: Failure & { readonly kind: "input" }) => void;
  /** A bug. */
  readonly onError: (error: unknown) => void;
}

export class InputFiles {
  readonly #relays: RelayClient;
  readonly #folder: RunFolder;
  readonly #isCached: (actor: string) => boolean;
  readonly #hooks: InputFileHooks;
  /** Those that are still filled, with their descriptors. */
  readonly #open = new Map<RelayedJoin, number>();
  /** Of instances. */
  readonly #numbers = new Map<string, number>();
  readonly #complete = new Set<RelayedJoin>();

  constructor(
    relays: RelayClient,
    { folder, isCached, ...hooks }: InputFileHooks & {
      readonly folder: RunFolder;
      readonly isCached: (actor: string) => boolean;
    },
  ) {
    this.#relays = relays;
    this.#folder = folder;
    this.#isCached = isCached;
    this.#hooks = hooks;
  }

  /** Begins to fill all of them. */
  start(): void {
    for (const joined of this.#relays.joins) {
      if (!isInputFile(joined)) continue;
      const { to } = joined.join;
      try {
        if (to.kind === "actor" && this.#isCached(to.actor)) {
          void this.#hash(joined, to).catch(this.#hooks.onError);
        } else this.#fill(joined);
      } catch (error) {
        this.#fail(joined, describeSystemError(error));
      }
    }
  }

  #fill(joined: RelayedJoin): void {
    const fd = openFile(this.pathOf(joined), "write");
    this.#open.set(joined, fd);
    this.#relays.openJoin(joined, { fd, isFile: true });
  }

  async #hash(joined: RelayedJoin, to: { readonly actor: string; readonly port: string }): Promise<void> {
    const { fillFile } = await import("./hashed_file.ts");
    const { readFd, writeFd } = makeEnginePipe("write");
    this.#relays.openJoin(joined, { fd: writeFd, isFile: false });
    try {
      const content = await fillFile(readFd, this.pathOf(joined));
      this.#complete.add(joined);
      this.#hooks.onHashed(to, content);
    } catch (error) {
      this.#fail(joined, describeSystemError(error));
    }
  }

  /** Where the input is, or will be. */
  pathOf({ join: { to } }: Pick<RelayedJoin, "join">): string {
    if (to.kind !== "actor") throw new Error("An output is no input");
    if (!isInstance(to.actor)) return join(this.#folder.path, `${to.actor}.${to.port}`);
    // Its name may have a path in it.
    const number = this.#numbers.get(to.actor) ?? this.#numbers.size;
    this.#numbers.set(to.actor, number);
    return join(this.#folder.path, `${groupOf(to.actor)}-${number}.${to.port}`);
  }

  /** True when the actor can be given all of its files. */
  areComplete({ actor, relayedIn }: ActorRun): boolean {
    if (actor.isCached !== true && !actor.inputs.some(({ isFile }) => isFile)) return true;
    return relayedIn.every((edge) => {
      const joined = this.#relays.joinOf(edge);
      return joined === undefined || !isInputFile(joined) || this.#complete.has(joined);
    });
  }

  /** The relays have written all of it, or could not. */
  end(joined: RelayedJoin, error: RelayError | undefined): void {
    const fd = this.#open.get(joined);
    if (fd === undefined) return;
    this.#open.delete(joined);
    closeFile(fd);
    if (error !== undefined) return this.#fail(joined, { errno: error.code, reason: error.message });
    this.#complete.add(joined);
    this.#hooks.onChange();
  }

  #fail({ join: { to } }: RelayedJoin, error: { readonly errno: string; readonly reason: string }): void {
    if (to.kind === "actor") {
      const { root: folder } = this.#folder;
      this.#hooks.onFailure({ kind: "input", actor: to.actor, port: to.port, folder, ...error });
    }
  }

  /** Lets go of what was never filled. */
  close(): void {
    for (const fd of this.#open.values()) closeFile(fd);
    this.#open.clear();
  }
}

/** True for a join that goes through the engine into a file for an actor. */
function isInputFile({ join: { to, isFile } }: RelayedJoin): boolean {
  return to.kind === "actor" && isFile === true;
}
