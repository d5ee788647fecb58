/** What is being made ready for a process, and what has to be done once it has started or could not be started. */
export interface Wires {
  readonly fds: Map<number, number>;
  readonly started: (() => void)[];
  readonly notStarted: (() => void)[];
}
