/**
 * What processes do with files, whoever has seen it.
 */

/** What a process did with a file. Paths are absolute, and as the process named them: links and `..` are in them. */
export type FileAccess =
  /** It opened it to read it, or ran it; `real` is where it was then. */
  | { readonly kind: "read"; readonly path: string; readonly real?: string; readonly isRun?: true }
  /** It asked for it, or could not open it: `isThere` is what it has learned, undefined when it was refused. */
  | {
    readonly kind: "look";
    readonly path: string;
    readonly isThere: boolean | undefined;
    readonly isOfLink: boolean;
  }
  | { readonly kind: "list"; readonly path: string; readonly names: readonly string[] }
  /** It wrote it: all of it, or only a part. */
  | { readonly kind: "write"; readonly path: string; readonly real?: string; readonly isWhole: boolean }
  | { readonly kind: "remove"; readonly path: string }
  /** It went through its whole environment. */
  | { readonly kind: "environment" }
  /** It did something after which nobody can say what it reads. */
  | { readonly kind: "unseen"; readonly reason: string };
