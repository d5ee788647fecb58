/**
 * Tells the relays what members have open. Most members are short, and many say nothing: of those that have ended
 * without a word before they were told of, only the end is told.
 *
 *   opened ─┬─ MEMBERS_TOLD_MS ──▶ told ──ended──▶ end told
 *           └─ ended ─┬─ something was written ──▶ told ─▶ end told
 *                     └─ nothing ─────────────────────────▶ end told
 */
import { MEMBERS_TOLD_MS } from "../../core/limits/sets.ts";
import { arePipesUnwritten } from "../../host/bytes/quiet_pipes.ts";
import { closeFd } from "../../host/descriptors/descriptors.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { CopyEnded, CopyOpened } from "../relays/relay_protocol.ts";
import type { MemberRun } from "../state/member_run.ts";

export class MemberTeller {
  readonly #relays: Pick<RelayClient, "openCopy" | "endCopy">;
  readonly #untold = new Map<MemberRun, { readonly pool: number; readonly opened: CopyOpened[] }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(relays: Pick<RelayClient, "openCopy" | "endCopy">) {
    this.#relays = relays;
  }

  /** A process of a member is there. */
  open(member: MemberRun, { pool, opened, isUrgent }: {
    readonly pool: number;
    readonly opened: CopyOpened;
    /** Something may be told of it that has to come after. */
    readonly isUrgent: boolean;
  }): void {
    if (isUrgent) return this.#relays.openCopy(pool, opened);
    const untold = this.#untold.get(member) ?? { pool, opened: [] };
    untold.opened.push(opened);
    this.#untold.set(member, untold);
    this.#timer ??= setTimeout(() => this.#tellAll(), MEMBERS_TOLD_MS);
  }

  /** All processes of a member have ended. */
  end(member: MemberRun, { pool, ended }: {
    readonly pool: number;
    readonly ended: CopyEnded;
  }): void {
    const { opened = [] } = this.#untold.get(member) ?? {};
    this.#untold.delete(member);
    const fds = opened.flatMap(({ outFds }) => outFds).filter((fd) => typeof fd === "number");
    if (fds.length > 0 && arePipesUnwritten(fds)) fds.forEach(closeFd);
    else for (const one of opened) this.#relays.openCopy(pool, one);
    this.#relays.endCopy(pool, { ...ended, isUrgent: false });
  }

  #tellAll(): void {
    this.#timer = undefined;
    for (const { pool, opened } of this.#untold.values()) {
      for (const one of opened) this.#relays.openCopy(pool, one);
    }
    this.#untold.clear();
  }
}
