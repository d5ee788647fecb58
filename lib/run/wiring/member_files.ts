/**
 * The files of `out` that are one for each member of a set of a stream: written beside their places, and put there when
 * the member has ended well. That no two members write one file is remembered on disk, in the run's folder.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { FlowOutput, MemberRecord } from "../../core/flow.ts";
import { hasCode } from "../../host/errno.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { writeNew } from "../../host/files/write_new.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import type { MemberTarget } from "../state/member_run.ts";
import { openOutputFile, type OutputFile } from "./output_file.ts";
import { OutputFolders } from "./output_folders.ts";

/** Why a member has no file. */
export class NoMemberFile extends Error {}

export class MemberFiles {
  readonly #run: string;
  readonly #folder: RunFolder;
  readonly #folders = new OutputFolders();
  #opened = 0;

  constructor({ run, folder }: { readonly run: string; readonly folder: RunFolder }) {
    this.#run = run;
    this.#folder = folder;
  }

  #openFile(path: string): OutputFile {
    this.#opened += 1;
    try {
      this.#folders.makeFor(path);
      return openOutputFile(path, {
        run: this.#run,
        folder: this.#folder,
        number: `member-${this.#opened}`,
      });
    } catch (error) {
      // No place for this one is no reason why there should be none for the others.
      if (!hasCode(error, "EEXIST", "ENOTDIR", "EACCES", "EISDIR", "ENAMETOOLONG")) throw error;
      const { reason } = describeSystemError(error);
      throw new NoMemberFile(`Cannot write "${path}": ${reason} (expected another file name)`);
    }
  }

  /** Opens the file of a record's member. Throws the system's error, or why there is none. */
  open(
    output: FlowOutput,
    { record, index }: { readonly record: MemberRecord; readonly index: number },
  ): MemberTarget & { readonly path: string } {
    const made = output.members?.fileOf(record, index);
    if (made === undefined) throw new Error(`${output.target} is no file for each member`);
    if (!made.ok) throw new NoMemberFile(made.problem);
    if (!this.#claim(made.path)) {
      throw new NoMemberFile(
        `Cannot write "${made.path}": another member of this run has written it (expected a file name that is different for each)`,
      );
    }
    const file = this.#openFile(made.path);
    const { path } = file;
    if (path !== undefined) return { ...file, path };
    file.finish(false);
    throw new NoMemberFile(
      `Cannot write "${made.path}": it is no regular file (expected one for each member)`,
    );
  }

  /** False when a member had this path before. */
  #claim(path: string): boolean {
    const { createHash } = process.getBuiltinModule("node:crypto");
    const folder = join(this.#folder.path, "claims");
    mkdirSync(folder, { recursive: true });
    return writeNew(join(folder, createHash("sha256").update(path).digest("hex")));
  }

  /** Removes folders into which nothing has come. */
  end(): void {
    this.#folders.removeEmpty();
  }
}
