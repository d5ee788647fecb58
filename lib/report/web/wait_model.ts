/**
 * Who waits where and since when: for each actor what it waits for now, for each edge who waits at it, and the pieces of
 * the time line. What comes again at once is one piece: looks see a flicker where bytes come one after the other.
 */
import type { PageActor, PageWaiting } from "./page_actor.ts";
import type { PageEdge, PagePiece } from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";
import { Records } from "./records.ts";

/** Two pieces with less between them are one. */
const GAP_MS = 300;

type Does = PagePiece["does"];

interface Open {
  readonly piece: PagePiece;
  readonly edge: number | undefined;
}

export class WaitModel {
  readonly pieces = new Records<number, PagePiece>("id", Infinity);
  /** Pieces that were forgotten. */
  more = 0;
  readonly #actors: Records<string, PageActor>;
  readonly #edges: Records<number, PageEdge>;
  readonly #open = new Map<string, Open>();
  readonly #last = new Map<string, PagePiece>();
  readonly #waitsAt = new Map<number, { readers: Set<string>; writers: Set<string> }>();
  #next = 1;
  #oldest = 1;

  constructor(actors: Records<string, PageActor>, edges: Records<number, PageEdge>) {
    this.#actors = actors;
    this.#edges = edges;
  }

  /** An actor waits from now on, or for something else. */
  begin(actor: string, does: Does, { at, edge }: { readonly at: number; readonly edge?: number }): void {
    this.end(actor, at);
    const waitsFor = edge === undefined ? undefined : this.#otherEnd(edge, does);
    const waits: PageWaiting | undefined = does === "paused" ? undefined : {
      does,
      since: at,
      ...edge === undefined ? {} : { edge },
      ...waitsFor === undefined ? {} : { waitsFor },
    };
    const last = this.#last.get(actor);
    const isSame = last?.does === does && last.edge === edge && at - (last.to ?? 0) < GAP_MS &&
      this.pieces.get(last.id) !== undefined;
    const piece: PagePiece = isSame ? { ...last } : {
      id: this.#next++,
      actor,
      does,
      from: at,
      ...edge === undefined ? {} : { edge },
      ...waitsFor === undefined ? {} : { waitsFor },
    };
    if (isSame) this.pieces.change(piece.id, { to: undefined });
    else this.#addPiece(piece);
    this.#open.set(actor, { piece: { ...piece, from: isSame ? at : piece.from }, edge });
    this.#actors.change(actor, { waiting: waits, ...does === "paused" ? { isPaused: true } : {} });
    this.#noteAt(actor, { edge, does, isThere: true });
  }

  /** An actor goes on, or has ended. */
  end(actor: string, at: number): void {
    const open = this.#open.get(actor);
    if (open === undefined) return;
    this.#open.delete(actor);
    const { piece: { id, does, from }, edge } = open;
    this.pieces.change(id, { to: at });
    const closed = this.pieces.get(id);
    if (closed !== undefined) this.#last.set(actor, closed);
    const known = this.#actors.get(actor);
    const waited = Math.max(0, at - from);
    this.#actors.change(actor, {
      waiting: undefined,
      ...does === "paused" ? { isPaused: undefined } : {},
      ...does === "read" ? { waitedReadMs: (known?.waitedReadMs ?? 0) + waited } : {},
      ...does === "write" ? { waitedWriteMs: (known?.waitedWriteMs ?? 0) + waited } : {},
    });
    this.#noteAt(actor, { edge, does, isThere: false });
  }

  /** What an actor is at: `rest` and `paused` are not ended by what is seen of its pipes. */
  doing(actor: string): Does | undefined {
    return this.#open.get(actor)?.piece.does;
  }

  endAll(at: number): void {
    for (const actor of [...this.#open.keys()]) this.end(actor, at);
  }

  #otherEnd(edge: number, does: Does): string | undefined {
    const known = this.#edges.get(edge);
    return does === "read" ? known?.fromActor : known?.toActor ?? known?.to;
  }

  #addPiece(piece: PagePiece): void {
    this.pieces.add(piece.id, piece);
    for (; this.#next - this.#oldest > PAGE_LIMITS.pieces; this.#oldest++) {
      this.pieces.remove(this.#oldest);
      this.more += 1;
    }
  }

  #noteAt(
    actor: string,
    { edge, does, isThere }: {
      readonly edge: number | undefined;
      readonly does: Does;
      readonly isThere: boolean;
    },
  ): void {
    if (edge === undefined) return;
    const known = this.#waitsAt.get(edge) ?? { readers: new Set<string>(), writers: new Set<string>() };
    const side = does === "read" ? known.readers : known.writers;
    if (isThere) side.add(actor);
    else side.delete(actor);
    if (known.readers.size + known.writers.size === 0) this.#waitsAt.delete(edge);
    else this.#waitsAt.set(edge, known);
    this.#edges.change(edge, { waits: whoWaits(known.readers.size > 0, known.writers.size > 0) });
  }
}

function whoWaits(hasReader: boolean, hasWriter: boolean): PageEdge["waits"] {
  if (hasReader && hasWriter) return "both";
  return hasReader ? "reader" : hasWriter ? "writer" : undefined;
}
