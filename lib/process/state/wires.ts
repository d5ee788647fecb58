/** A standard error that is read by the engine, and nobody else's business. */
export interface OwnStderr {
  /** Resolves when it is at its end. */
  readonly ended: Promise<void>;
  /** Asks whether it has ended or has something to be read. */
  readonly look: () => void;
}

/** What is being made ready for a process, and what has to be done once it has started or could not be started. */
export interface Wires {
  readonly fds: Map<number, number>;
  readonly started: (() => void)[];
  readonly notStarted: (() => void)[];
  stderr: OwnStderr | undefined;
  /** Files that it writes, and that are given to others when nobody can write to them any more. */
  readonly givenWhole: string[];
}

/** The ports of a process by name. */
export interface ProcessPorts {
  /** Port name to descriptor number. */
  readonly inputFds: ReadonlyMap<string, number>;
  /** Port name to the path of the file that it is given as. */
  readonly inputPaths: ReadonlyMap<string, string>;
  readonly outputFds: ReadonlyMap<string, number>;
}

/** What a process is given. */
export interface ProcessWires extends ProcessPorts {
  readonly fds: ReadonlyMap<number, number>;
  readonly stderr: OwnStderr | undefined;
  readonly givenWhole: readonly string[];
  readonly started: () => void;
  readonly notStarted: () => void;
}

/** Makes ready what a process is given, and what is known of it beside. When that throws nothing is left open. */
export function makeWires<Made extends ProcessPorts>(make: (wires: Wires) => Made): Made & ProcessWires {
  const wires: Wires = {
    fds: new Map(),
    started: [],
    notStarted: [],
    stderr: undefined,
    givenWhole: [],
  };
  try {
    return {
      ...make(wires),
      fds: wires.fds,
      stderr: wires.stderr,
      givenWhole: wires.givenWhole,
      started: () => wires.started.forEach((step) => step()),
      notStarted: () => wires.notStarted.forEach((step) => step()),
    };
  } catch (error) {
    for (const undo of wires.notStarted) undo();
    throw error;
  }
}
