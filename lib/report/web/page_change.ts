/**
 * What the server tells of a run that goes on, and what the page may ask of it.
 */
import type { PageActor } from "./page_actor.ts";
import type { PageLayout } from "./page_layout.ts";
import type {
  PageEdge,
  PageFailure,
  PageGroup,
  PageGrowth,
  PageMessage,
  PageMore,
  PageOutput,
  PagePiece,
  PageRing,
  PageRunState,
  PageStream,
  PageTalk,
  PageUndelivered,
} from "./page_run.ts";

/**
 * What has changed: apply_change.ts puts it into a PageRun. Records are those with the same name, id or target, with the
 * fields that differ: `null` is a field that is there no more. Records that are not known yet are whole.
 */
export interface PageChange {
  readonly run?: Patch<PageRunState>;
  readonly actors?: readonly (Patch<Omit<PageActor, "stderr">> & { readonly name: string })[];
  /** New lines of standard error; of each actor the last 200 are kept. */
  readonly stderr?: readonly { readonly actor: string; readonly lines: readonly string[] }[];
  readonly groups?: readonly (Patch<PageGroup> & { readonly name: string })[];
  readonly edges?: readonly (Patch<PageEdge> & { readonly id: number })[];
  readonly outputs?: readonly (Patch<PageOutput> & { readonly target: string })[];
  /** By `id`. */
  readonly pieces?: readonly (Patch<PagePiece> & { readonly id: number })[];
  /** All of them. */
  readonly talks?: readonly PageTalk[];
  readonly streams?: readonly PageStream[];
  readonly layout?: PageLayout;
  readonly more?: PageMore;
  /** More of them, at the end. */
  readonly failures?: readonly PageFailure[];
  readonly growths?: readonly PageGrowth[];
  readonly undelivered?: readonly PageUndelivered[];
  readonly rings?: readonly PageRing[];
  readonly messages?: readonly PageMessage[];
}

export type Patch<Value> = { readonly [Key in keyof Value]?: Value[Key] | null };

/** What the page asks the engine to do, where it may. */
export interface PageOrder {
  readonly actor: string;
  readonly does: "pause" | "resume" | "stop";
}
