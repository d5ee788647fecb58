/**
 * What members of streams have written whose processes have ended well, so that a resumed run does not run them again: a
 * folder beside the run's database, and in it one for each member. Removed when the run is done.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { removeFolder } from "../host/files/remove.ts";

export class MemberJournal {
  readonly folder: string;
  readonly #isResumed: boolean;

  /** `isResumed`: what is there is gone on with; otherwise it is forgotten. Throws the system's error. */
  constructor(folder: string, { isResumed }: { readonly isResumed: boolean }) {
    this.folder = folder;
    this.#isResumed = isResumed;
    if (!isResumed) removeFolder(folder);
  }

  /** True when an earlier run has done the member; `id` is a hash of what it does. */
  has(id: string): boolean {
    return this.#isResumed && existsSync(this.#placeOf(id));
  }

  /** Begins a member. Throws the system's error. */
  begin(id: string): void {
    mkdirSync(this.#placeOf(id, ".part"), { recursive: true });
  }

  /** Where what it writes to an output is, or will be. */
  pathOf(id: string, at: number): string {
    return join(this.#placeOf(id, this.has(id) ? "" : ".part"), String(at));
  }

  /** It has ended: well, or what it has written is forgotten. Throws the system's error. */
  end(id: string, { isWell }: { readonly isWell: boolean }): void {
    const begun = this.#placeOf(id, ".part");
    if (isWell) renameSync(begun, this.#placeOf(id));
    else removeFolder(begun);
  }

  /** Nothing of it is needed any more. */
  remove(): void {
    removeFolder(this.folder);
  }

  /** Many folders of some are found sooner than one of many. */
  #placeOf(id: string, suffix = ""): string {
    return join(this.folder, id.slice(0, 2), `${id.slice(2)}${suffix}`);
  }
}
