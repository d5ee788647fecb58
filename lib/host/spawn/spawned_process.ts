/**
 * What is asked for when a process is started, and what comes back.
 */

export interface SpawnOptions {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment, nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of an existing directory. */
  readonly cwd: string;
  /** What the process finds at 0, 1, 2 and further numbers; what is not named is `/dev/null` below 3, else closed. */
  readonly fds: ReadonlyMap<number, number>;
  /**
   * Told when the process has ended, before it is collected: nobody else can have its number yet, nor that of its group.
   * Where the C library cannot be called, just after. Must not throw.
   */
  readonly onExit?: (status: ExitStatus) => void;
}

/** How a process ended: exactly one of `code` and `signal` is set. */
export interface ExitStatus {
  readonly code?: number;
  readonly signal?: string;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Resolves when the process itself has ended; what it started may live on. Never rejects. */
  readonly exited: Promise<ExitStatus>;
}

/** The system could not start a process; `errno` is its code, such as `ENOENT`. */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
  readonly errno: string;
  /** The same, as the errors of the system have it. */
  readonly code: string;
  constructor(errno: string, reason: string) {
    super(reason);
    this.errno = errno;
    this.code = errno;
  }
}
