/**
 * The files that joins write, open only as far as there are descriptors: a flow may have thousands of outputs. One is
 * opened when something may come for it; where others need its descriptor it is closed, and goes on at its end later.
 */
import { TARGETS_OPEN_MAX } from "../../core/limits/streams.ts";
import { hasCode } from "../../host/errno.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { PipeOwners } from "../state/pipe_owners.ts";
import type { JoinState } from "../state/relay_states.ts";

export class FileTargets {
  readonly #io: DescriptorIo;
  readonly #owners: PipeOwners;
  /** Those that are open, the one that was written last at the end. */
  readonly #open = new Set<JoinState>();
  readonly #begun = new Set<JoinState>();

  constructor({ io, owners }: { readonly io: DescriptorIo; readonly owners: PipeOwners }) {
    this.#io = io;
    this.#owners = owners;
  }

  /** Opens the file of a join that is to be written now, if it has one. Throws the system's error. */
  take(join: JoinState): void {
    if (join.path === undefined) return;
    if (!this.#open.delete(join)) {
      if (this.#open.size >= TARGETS_OPEN_MAX) this.#closeOldest();
      join.fd = this.#openNow(join.path, this.#begun.has(join) ? "append" : "write");
      this.#owners.own(join.fd, { kind: "join", join });
      this.#begun.add(join);
    }
    this.#open.add(join);
  }

  #openNow(path: string, mode: "append" | "write"): number {
    for (;;) {
      try {
        return this.#io.open(path, mode);
      } catch (error) {
        const isShortage = hasCode(error, "EMFILE", "ENFILE");
        if (!isShortage || this.#open.size === 0) throw error;
        this.#closeOldest();
      }
    }
  }

  #closeOldest(): void {
    const [oldest] = this.#open;
    if (oldest !== undefined) this.release(oldest);
  }

  /** Closes the file of a join, if it has one that is open. */
  release(join: JoinState): void {
    if (this.#open.delete(join)) this.#owners.close(join.fd);
  }
}
