/** A flow with a cache of its own, and what of it was run. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Ended, makeFolder, run, type Runtime } from "./rig.ts";

export interface Place {
  readonly folder: string;
  readonly cache: string;
  readonly go: (args?: readonly string[], stdin?: string) => Promise<Ended>;
  readonly sluice: (args: readonly string[], variables?: Readonly<Record<string, string>>) => Promise<Ended>;
  /** The actors that were run since it was last asked. */
  readonly ran: () => readonly string[];
}

export function place(runtime: Runtime, flow: object, files: Readonly<Record<string, string>> = {}): Place {
  const folder = makeFolder({ ...files, "flow.json": flow });
  const [cache, ran] = [join(folder, "cache"), join(folder, "ran")];
  const env = { SLUICE_CACHE: cache };
  const start = (args: readonly string[], stdin?: string): Promise<Ended> =>
    run(runtime, args, { env, ...(stdin === undefined ? {} : { stdin }) });
  return {
    folder,
    cache,
    sluice: (args, variables = {}) => run(runtime, args, { env: { ...env, ...variables } }),
    go: (args = [], stdin) => start([join(folder, "flow.json"), ...args], stdin),
    ran() {
      const names = existsSync(ran) ? readFileSync(ran, "utf8").trim().split("\n").sort() : [];
      rmSync(ran, { force: true });
      return names;
    },
  };
}

/** A script of an actor that notes in the file `ran` that it was run. */
export function noting(name: string, script: string): string {
  return `echo ${name} >> ran; ${script}`;
}
