/**
 * Where the page draws what a run is made of.
 */

/** Where things are drawn: points, the origin is at the top left, y goes down. */
export interface PageLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PageNode[];
  readonly frames: readonly PageBox[];
  readonly lines: readonly PageLine[];
  /** The groups and frames that are open in it. */
  readonly open: readonly string[];
}

export interface PageBox {
  /** Of an actor, a group, a frame or an output. */
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `frame` is one that is closed: a single box for all in it. */
export interface PageNode extends PageBox {
  readonly kind: "actor" | "group" | "frame" | "output";
}

/** An arrow between nodes, for one edge or for all between closed ones. */
export interface PageLine {
  readonly from: string;
  readonly to: string;
  /** The ids of the edges; empty for messages. */
  readonly edges: readonly number[];
  readonly isMessages: boolean;
  readonly label: string;
  /** As in the `d` of an SVG path, without the arrowhead. */
  readonly path: string;
}
