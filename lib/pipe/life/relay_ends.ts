/**
 * How streams and joins end, whatever the reason, and who has to know it: a stream that has ended wakes its readers, a
 * join that has ended lets go of its streams, and a stream without readers is lost.
 */
import type { FilePlaces } from "./file_places.ts";
import type { FileTargets } from "./file_targets.ts";
import type { PipeOwners } from "../state/pipe_owners.ts";
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { RelayHooks } from "../state/relay_hooks.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, JoinState, StreamState } from "../state/relay_states.ts";
import { isLost } from "../state/relay_states.ts";

type EndHooks = Pick<RelayHooks, "onStreamEnded" | "onLost" | "onJoinEnded">;

export class RelayEnds {
  readonly #owners: PipeOwners;
  readonly #ledger: RelayLedger;
  readonly #agenda: RelayAgenda;
  readonly #hooks: EndHooks;
  readonly #places: FilePlaces;
  readonly #targets: FileTargets;

  constructor(
    { owners, ledger, agenda, hooks, places, targets }: {
      readonly owners: PipeOwners;
      readonly ledger: RelayLedger;
      readonly agenda: RelayAgenda;
      readonly hooks: EndHooks;
      readonly places: FilePlaces;
      readonly targets: FileTargets;
    },
  ) {
    this.#owners = owners;
    this.#ledger = ledger;
    this.#agenda = agenda;
    this.#hooks = hooks;
    this.#places = places;
    this.#targets = targets;
  }

  /** No more is taken from a stream; what was taken is still given on. */
  endStream(stream: StreamState, error?: Error): void {
    if (stream.phase === "ended") return;
    stream.phase = "ended";
    if (error !== undefined) stream.isWhole = false;
    this.closeTap(stream);
    this.releaseSource(stream);
    stream.gathered?.close();
    this.#ledger.begin(stream);
    this.#hooks.onStreamEnded(stream.id, error);
    this.#ledger.trim(stream);
    this.#agenda.addReaders(stream);
  }

  /** Whoever is behind the tap gets no more. */
  closeTap(stream: StreamState): void {
    if (stream.tap === undefined) return;
    this.#owners.close(stream.tap.fd);
    stream.tap = undefined;
  }

  /** Lets go of what a stream was read from. */
  releaseSource({ source, edges: [edge] }: StreamState): void {
    if (source === undefined || source.kind === "bytes" || source.fd === undefined) return;
    this.#owners.close(source.fd);
    if (source.kind !== "path") return;
    source.fd = undefined;
    if (edge !== undefined) this.#places.give(edge.join);
  }

  /** A join has written everything, or its target is not written any more; one that is kept waits for another reader. */
  endJoin(join: JoinState, end: "ended" | "reader-left", error?: Error): void {
    if (join.phase === "ended") return;
    if (join.isKept && error === undefined) return this.pauseJoin(join);
    const wasOpen = join.phase === "open";
    join.phase = "ended";
    join.begun.clear();
    join.pending = undefined;
    if (end === "reader-left") join.cut?.fail();
    // Whoever asks on the other side must know it before the writers can see it.
    for (const edge of join.edges) this.dropEdge(edge);
    this.#hooks.onJoinEnded(join.id, end, error);
    if (wasOpen) this.#releaseTarget(join);
  }

  /** Nobody reads a join any more. */
  dropJoin(join: JoinState): void {
    if (join.phase === "ended") return;
    join.isKept = false;
    this.endJoin(join, "reader-left");
  }

  /** Its reader needs no more for now, or has left: what comes meanwhile is kept for another one. */
  pauseJoin(join: JoinState): void {
    if (join.phase === "open") this.#releaseTarget(join);
    join.phase = "unopened";
    join.begun.clear();
    join.pending = undefined;
    join.turn = undefined;
    for (const edge of join.edges) {
      edge.capacity = Infinity;
      this.#agenda.addStream(edge.stream);
    }
  }

  #releaseTarget(join: JoinState): void {
    if (join.path !== undefined) this.#targets.release(join);
    // Another file belongs to whoever opened it.
    else if (!join.isFile) this.#owners.close(join.fd);
  }

  /** Nothing is given over an edge any more; what is kept for another try is taken on. */
  dropEdge(edge: EdgeState): void {
    if (edge.isDropped) return;
    if (edge.isKept) {
      edge.capacity = Infinity;
      return this.#agenda.addStream(edge.stream);
    }
    edge.isDropped = true;
    const { stream } = edge;
    this.#ledger.trim(stream);
    this.#agenda.addStream(stream);
    const isOver = stream.phase === "ended";
    if (isOver || edge.join.isCopy || !isLost(stream)) return;
    this.#ledger.lost(stream);
    this.#hooks.onLost(stream.id);
  }
}
