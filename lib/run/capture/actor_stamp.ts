/**
 * What an actor is and what its files are like, so that a later run knows whether both are as they were.
 */
import process from "node:process";
import type { Actor } from "../../core/flow.ts";
import { isProcess } from "../../core/flow.ts";
import { findProgram } from "../../process/start/preflight.ts";
import { hashBytes, stampFile } from "../../store/cache/hash_file.ts";
import { listDeclared } from "../reads/declared_reads.ts";
import { namedFiles } from "../reads/named_files.ts";

/** The same for actors that do the same. A hash, because the environment may hold what nobody should read. */
export function hashDefinition(actor: Actor): string {
  const { source, inputs, outputs, env, cwd, ok } = actor;
  const what = source.kind === "value" ? ["value", hashBytes(source.bytes)] : source;
  const variables = Object.entries(env).sort(([a], [b]) => a < b ? -1 : 1);
  return hashBytes(JSON.stringify([what, inputs, outputs, isProcess(actor) ? [cwd, variables, ok] : []]));
}

/** What tells that the files are the same: a file that the actor is, its program, and those that its command names. */
export function stampOf({ source, env, cwd, reads = [] }: Actor): { readonly stamp?: string } {
  if (source.kind === "file") return { stamp: hashBytes(JSON.stringify(stampFile(source.path) ?? null)) };
  if (source.kind !== "run" && source.kind !== "sh") return {};
  const program = source.kind === "run" ? source.argv[0] : "/bin/sh";
  const path = env["PATH"] ?? process.env["PATH"];
  const files = [
    findProgram(program, { path, folder: cwd }) ?? program,
    ...namedFiles(source, cwd),
    ...reads.flatMap(listDeclared),
  ];
  return { stamp: hashBytes(JSON.stringify(files.map((file) => stampFile(file) ?? null))) };
}
