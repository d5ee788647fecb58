/**
 * What a script is made of, on its way to a flow: pieces that become actors, and the streams between them. Two
 * readers of one piece hold the same object.
 */

/** What a piece is. Texts and arguments may hold `{param.NAME}` and fields of a set. */
export type PieceBody =
  | { readonly kind: "run"; readonly argv: readonly string[] }
  | { readonly kind: "sh"; readonly text: string }
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" };

/** One actor of the flow. */
export interface Piece {
  readonly body: PieceBody;
  /** What its name begins with. */
  readonly wish: string;
  readonly stdin: readonly Stream[];
  /** Inputs that are paths, by port. */
  readonly inputs: ReadonlyMap<string, PortInput>;
  /** Outputs beside the standard ones: descriptors by port. */
  readonly outputs: ReadonlyMap<string, number>;
  readonly env: ReadonlyMap<string, string>;
  /** The set that it is over. */
  readonly each?: string;
  /** Exit codes that count as success, when not 0 alone. */
  readonly ok?: readonly number[];
  /** Why it is a text for a shell. */
  readonly left?: Note;
}

export interface PortInput {
  readonly streams: readonly Stream[];
  /** A complete regular file, which may be read twice. */
  readonly asFile: boolean;
}

/** What a piece writes: its standard output, or a port. */
export interface Stream {
  readonly piece: Piece;
  readonly port?: string;
}

/** A part of a script, said as pieces. */
export interface Said {
  /** What goes where its standard output goes, in order. */
  readonly stdout: readonly Stream[];
  /** Files that it writes. */
  readonly targets: ReadonlyMap<string, readonly Stream[]>;
}

/** `"log": {"files": "*.log"}` and the like. */
export type FlowSet =
  | { readonly files: readonly string[] }
  | { readonly values: readonly string[] }
  | { readonly range: readonly number[] };

/** A parameter: what it is without `--set`. */
export interface FlowParam {
  readonly default?: string;
  /** The environment variable that it takes its value from. */
  readonly env?: string;
}

/** What was left to a shell, or is not quite the same, and where. */
export interface Note {
  /** Offset in the script. */
  readonly pos: number;
  readonly text: string;
}

/** A piece with what most do not have. */
export function newPiece(wish: string, body: PieceBody, more: Partial<Piece> = {}): Piece {
  return { wish, body, stdin: [], inputs: new Map(), outputs: new Map(), env: new Map(), ...more };
}

/** The pieces that streams come from, and those behind them; producers first. */
export function listPieces(streams: readonly Stream[]): readonly Piece[] {
  const found = new Set<Piece>();
  const visit = ({ piece }: Stream): void => {
    if (found.has(piece)) return;
    piece.stdin.forEach(visit);
    for (const { streams: inputs } of piece.inputs.values()) inputs.forEach(visit);
    found.add(piece);
  };
  streams.forEach(visit);
  return [...found];
}
