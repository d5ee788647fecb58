/**
 * Limits that the system keeps itself: of processor time and of open files. They have to be there before the program's
 * first instruction, so a shell sets them and becomes the program.
 */
import type { ActorLimits } from "../../core/flow.ts";
import { spawnProcess } from "../../host/spawn/spawn.ts";
import { SpawnError } from "../../host/spawn/spawned_process.ts";
import type { ProcessCommand } from "../start/process_command.ts";

/** The exit codes of the script that tell which limit the system does not allow. */
const CPU_REFUSED = 3;
const FILES_REFUSED = 4;

/** Wraps commands; asks the system first whether it allows the limits. */
export class LimitSetter {
  /** Scripts that have set their limits. */
  readonly #allowed = new Set<string>();

  /**
   * The command that sets the limits and becomes the given one; the same one when there is none to set.
   *
   * @throws {SpawnError} when the system does not allow a limit
   */
  async wrap(command: ProcessCommand, limits: ActorLimits = {}): Promise<ProcessCommand> {
    const script = listSettings(limits).map((setting) => `${setting}\n`).join("");
    if (script === "") return command;
    // Asked before: from the program's own exit code and stderr a refusal could not be told.
    if (!this.#allowed.has(script)) {
      const reason = refusalOf(await tryOut(script), limits);
      if (reason !== undefined) throw new SpawnError("EPERM", reason);
      this.#allowed.add(script);
    }
    return {
      ...command,
      file: "/bin/sh",
      args: ["-c", `${script}exec "$@"`, "sh", command.file, ...command.args],
    };
  }
}

/** The soft limit of time is SIGXCPU, which a program may ignore; a second later the hard one is SIGKILL. */
function listSettings({ cpuMs, files }: ActorLimits): readonly string[] {
  const seconds = cpuMs === undefined ? undefined : Math.ceil(cpuMs / 1000);
  return [
    ...(seconds === undefined
      ? []
      : [`ulimit -S -t ${seconds} && ulimit -H -t ${seconds + 1} || exit ${CPU_REFUSED}`]),
    ...(files === undefined ? [] : [`ulimit -n ${files} || exit ${FILES_REFUSED}`]),
  ];
}

/** The exit code of the script alone; undefined when a signal ended it. */
async function tryOut(script: string): Promise<number | undefined> {
  const { exited } = await spawnProcess({
    file: "/bin/sh",
    args: ["-c", script],
    env: {},
    cwd: "/",
    fds: new Map(),
  });
  return (await exited).code;
}

function refusalOf(code: number | undefined, { cpuMs = 0, files }: ActorLimits): string | undefined {
  switch (code) {
    case 0:
      return undefined;
    case CPU_REFUSED:
      return `the system does not allow its limit of ${
        cpuMs / 1000
      } s of processor time (ulimit -Ht tells the most)`;
    case FILES_REFUSED:
      return `the system does not allow its limit of ${files} open files (ulimit -Hn tells the most)`;
    default:
      return "its limits could not be set: /bin/sh ended without a reason";
  }
}
