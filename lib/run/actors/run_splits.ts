/**
 * The actors that split what they read, in a run: opens the files of their keys, gives the verdict when a split has got
 * all of its input, and puts the files in place at the end.
 */
import { mkdirSync } from "node:fs";
import type { FlowOutput } from "../../core/flow.ts";
import type { Plan, PlannedSplit } from "../../core/plan.ts";
import type { ActorResult, OutputResult } from "../../core/result.ts";
import { unreachable } from "../../core/unreachable.ts";
import { describeSystemError } from "../../host/system_error.ts";
import type { SplitFiles } from "../../pipe/split/split.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { SplitEnding } from "../relays/relay_protocol.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { RunState } from "../state/run_state.ts";
import type { FlowBorder } from "../wiring/flow_border.ts";
import { keyFolderOf } from "../wiring/key_folders.ts";
import { KeyedFiles } from "../wiring/keyed_files.ts";
import { OutputFolders } from "../wiring/output_folders.ts";
import type { Wiring } from "../wiring/wiring.ts";

export interface SplitsContext {
  readonly state: Pick<RunState, "id" | "emit" | "fail" | "change">;
  readonly relays: Pick<RelayClient, "openSplit" | "countGiven" | "noteEnded">;
  readonly wiring: Pick<Wiring, "actors" | "edges">;
  readonly ends: Pick<FlowBorder, "failToWrite" | "breakOutput">;
  readonly folder: RunFolder;
}

/** A split that is open. */
interface OpenSplit {
  readonly split: PlannedSplit;
  readonly run: ActorRun;
  readonly files: readonly KeyedFiles[];
  readonly startedAt: number;
  /** Undefined before its end, and when it has not got all of its input. */
  whole?: SplitEnding & { readonly how: "whole" };
}

export class RunSplits {
  readonly #plan: Plan;
  readonly #context: SplitsContext;
  readonly #folders = new OutputFolders();
  readonly #open = new Map<string, OpenSplit>();

  constructor(plan: Plan, context: SplitsContext) {
    this.#plan = plan;
    this.#context = context;
  }

  /** True when none of them will get more. */
  get areDone(): boolean {
    return [...this.#open.values()].every(({ run }) => run.phase.phase === "ended");
  }

  /** Makes the places of their files and begins. False when one cannot be made: then nothing is to be started. */
  open(): boolean {
    const { state: { id }, relays, wiring, ends, folder } = this.#context;
    let number = 0;
    for (const split of this.#plan.splits) {
      const run = wiring.actors.get(split.actor.name);
      if (run === undefined) continue;
      const files: KeyedFiles[] = [];
      const startedAt = Date.now();
      this.#open.set(split.actor.name, { split, run, files, startedAt });
      for (const output of split.files) {
        try {
          files.push(new KeyedFiles(output, { run: id, folder, folders: this.#folders, number: number++ }));
        } catch (error) {
          ends.failToWrite(output.target, describeSystemError(error));
          return false;
        }
      }
      const outputs = files.map(({ folder, output }) => ({ folder, path: output.keyed }));
      const group = split.isGrouped ? this.#makeGroup(split) : [];
      if (group === undefined) return false;
      run.pool(startedAt);
      relays.openSplit(split.actor.name, [...outputs, ...group]);
    }
    return true;
  }

  /** The folder for the records of each key; undefined when it cannot be made, which is told. */
  #makeGroup({ actor: { name } }: PlannedSplit): readonly SplitFiles[] | undefined {
    const { folder: { path } } = this.#context;
    const folder = keyFolderOf(name, { ...this.#plan, folder: path });
    try {
      mkdirSync(folder);
      return [{ folder, path: undefined }];
    } catch (error) {
      this.#failInput(name, describeSystemError(error));
      return undefined;
    }
  }

  #failInput(actor: string, error: { readonly errno: string; readonly reason: string }): void {
    const { state, folder: { root: folder } } = this.#context;
    state.fail({ kind: "input", actor, port: "stdin", folder, ...error });
  }

  /** A split has got all of its input, or cannot go on. */
  end(actor: string, end: SplitEnding): void {
    const { state, ends } = this.#context;
    const open = this.#open.get(actor);
    if (open?.run.phase.phase !== "pooled") return;
    switch (end.how) {
      case "whole":
        open.whole = end;
        // Without files nobody has counted those that are not read.
        this.#conclude(open, {
          state: "done",
          ...(open.files.length > 0 || open.split.isGrouped ? { keys: end.keys.length } : {}),
        });
        break;
      case "refused":
        this.#conclude(open, { state: "failed" });
        state.fail({ kind: "split", actor, problem: end.problem });
        break;
      case "unwritten": {
        // What one of its outputs does not take, none of them gets.
        for (const { target } of open.split.files) ends.breakOutput(target);
        this.#conclude(open, { state: "failed" });
        const target = open.split.files[end.output]?.target;
        const error = { errno: end.error.code, reason: end.error.message };
        if (target === undefined) this.#failInput(actor, error);
        else ends.failToWrite(target, error);
        break;
      }
      default:
        return unreachable(end);
    }
    state.change();
  }

  #conclude({ run, startedAt }: OpenSplit, result: Pick<ActorResult, "state" | "keys">): void {
    const { state, relays } = this.#context;
    const endedAt = Date.now();
    const { name } = run.actor;
    const ended = {
      ...result,
      startedAt,
      endedAt,
      durationMs: endedAt - startedAt,
      bytesIn: relays.countGiven(run.relayedIn),
    };
    run.end(ended);
    state.emit({ type: "actor-ended", actor: name, result: ended });
    relays.noteEnded(name);
  }

  /** No more is taken: the run is to end. */
  close(): void {
    for (const open of this.#open.values()) {
      if (open.run.phase.phase !== "pooled") continue;
      this.#context.wiring.edges.closePool(open.run);
      this.#conclude(open, { state: "stopped" });
    }
  }

  /** Puts the files of outputs in place that are to be kept, and removes the others. */
  finish(isKept: (output: FlowOutput) => boolean): readonly OutputResult[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    const results = open.flatMap(({ files, whole }) =>
      files.map((file, at): OutputResult => ({
        target: file.output.target,
        files: whole?.keys.length ?? 0,
        bytes: whole?.bytes[at] ?? 0,
        isKept: this.#put(file, whole !== undefined && isKept(file.output) ? whole.keys : undefined),
      }))
    );
    this.#folders.removeEmpty();
    return results;
  }

  /** Puts the files of these keys in place, or none. */
  #put(file: KeyedFiles, keys: readonly string[] | undefined): boolean {
    try {
      if (keys !== undefined) file.put(keys);
      return keys !== undefined;
    } catch (error) {
      this.#context.ends.failToWrite(file.output.target, describeSystemError(error));
      return false;
    } finally {
      file.remove();
    }
  }
}
