/**
 * What can go wrong in a run, as data; texts are made by `lib/report/failure_text.ts`.
 */
export type Failure =
  | {
    readonly kind: "exit";
    readonly actor: string;
    readonly command: readonly string[];
    /** Exactly one of `code` and `signal` is set. */
    readonly code?: number;
    readonly signal?: string;
    readonly ok: readonly number[];
    /** The last lines the actor wrote to stderr, oldest first. */
    readonly lastLines: readonly string[];
  }
  | {
    readonly kind: "spawn";
    readonly actor: string;
    readonly command: readonly string[];
    /** The system's error code, such as `ENOENT` or `EACCES`, and its text. */
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** A file that could not be read while the run went on. */
    readonly kind: "read";
    readonly actor: string;
    readonly path: string;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** An output of the flow that could not be written: full disk, closed file. */
    readonly kind: "write";
    readonly target: string;
    readonly errno: string;
    readonly reason: string;
  };
