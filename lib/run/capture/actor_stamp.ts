/**
 * What an actor is and what its files are like, so that a later run knows whether both are as they were.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Actor } from "../../core/flow.ts";
import { isProcess } from "../../core/flow.ts";
import type { Hide } from "../../core/secrets.ts";
import { findProgram } from "../../process/start/preflight.ts";
import { hashBytes, stampFile } from "../../store/cache/hash_file.ts";
import { listDeclared } from "../reads/declared_reads.ts";
import { commandMentions, commandText } from "../reads/command_mentions.ts";
import { namedFiles } from "../reads/named_files.ts";
import { findMentions, isMentioned } from "../../store/cache/mentions.ts";
import { statIfThere } from "../../host/files/stat_if_there.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { MENTIONS_BYTES_MAX } from "../../core/limits/store.ts";

/** The same for actors that do the same. A hash, because the environment may hold what nobody should read. */
export function hashDefinition(actor: Actor, stretch: Hide): string {
  const { source, inputs, outputs, env, cwd, ok } = actor;
  const what = source.kind === "value" ? ["value", hashBytes(source.bytes)] : source;
  const unused = isProcess(actor) ? unusedNumbers(actor) : [];
  const variables = Object.entries(env).filter(([name]) => !unused.includes(name))
    .sort(([a], [b]) => a < b ? -1 : 1);
  return hashBytes(
    stretch(JSON.stringify([what, inputs, outputs, isProcess(actor) ? [cwd, variables, ok] : []])),
  );
}

/** Of a member of a set: its number there, which changes with every member before it. */
const MEMBER_NUMBER = /^SLUICE_EACH_\w+_INDEX$/;

/** Such variables that neither the command names nor a file that it names; programs that print all may use all. */
function unusedNumbers(actor: Actor): readonly string[] {
  const { source, env, cwd } = actor;
  const numbers = Object.keys(env).filter((name) => MEMBER_NUMBER.test(name));
  if (numbers.length === 0 || PRINTS_ALL.test(commandText(actor))) return [];
  const mentions = new Set([...commandMentions(actor), ...namedFiles(source, cwd).flatMap(mentionsOf)]);
  return numbers.filter((name) => !isMentioned(name, mentions));
}

const PRINTS_ALL = /\b(?:env|printenv)\b/;

function mentionsOf(path: string): readonly string[] {
  const stat = statIfThere(path);
  if (stat === undefined || stat.size > MENTIONS_BYTES_MAX) return ["SLUICE_"];
  try {
    return findMentions(readFileSync(path, "latin1"));
  } catch (error) {
    describeSystemError(error); // Whoever runs it tells why.
    return ["SLUICE_"];
  }
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
