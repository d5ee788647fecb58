/**
 * What the system says to a plan before anything is started: folders, programs, files. A file may still vanish
 * later, so what starts and reads them handles that too; this finds all such mistakes at once, and first.
 */
import { type Stats, statSync } from "node:fs";
import { basename, delimiter, dirname } from "node:path";
import process from "node:process";
import type { Actor } from "../../core/flow.ts";
import { placeFrom } from "../../host/files/working_folder.ts";
import { tellOnce } from "../../core/instance.ts";
import type { FlowIssue } from "../../core/issue.ts";
import type { Plan } from "../../core/plan.ts";
import { quoteArgument } from "../../core/quote_argument.ts";
import { codeOf, LINKS_RING } from "../../host/errno.ts";
import { mayAccess } from "../../host/files/may_access.ts";
import { readProgramHead, returnProblem, scriptProblem } from "../../host/spawn/program_file.ts";
import { isLinux } from "../../host/runtime.ts";
import { isGiven } from "../../host/descriptors/standard_streams.ts";
import { temporaryMessage, temporaryRoot } from "../../host/files/temporary_folder.ts";
import { NOT_GIVEN } from "./check_standard.ts";
import { checkSystemLimits, isTooLong, tooLong } from "./check_system_limits.ts";
import { checkOutputs, findOutputPlace } from "./output_place.ts";
import { readMemory } from "../proc/process_table.ts";

/** Where programs are searched when PATH is not set, as the C library does. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Issues of the actors and outputs that take part; each file, folder and program is looked at once. */
export function preflight(plan: Plan): FlowIssue[] {
  const flowFolder = plan.flow.file === undefined ? undefined : dirname(plan.flow.file);
  const files = { programs: new Map(), files: new Map(), folders: new Map() };
  const lookups: Lookups = { ...files, envPath: process.env.PATH };
  const missingFolders = new Set<string>();
  const issues = checkTemporary();
  for (const actor of plan.actors) {
    const { kind } = actor.source;
    // What a record will bring is not known.
    if (actor.members !== undefined && isOpen(actor)) continue;
    if (kind === "run" || kind === "sh") {
      const reason = once(lookups.folders, actor.cwd, folderProblem);
      if (reason !== undefined) {
        // One missing folder is one mistake, however many actors would work in it.
        if (missingFolders.has(actor.cwd)) continue;
        missingFolders.add(actor.cwd);
        const path = actor.cwd === flowFolder ? [] : ["actors", actor.name, "cwd"];
        issues.push({ path, message: `Cannot work in "${actor.cwd}": ${reason}` });
        continue;
      }
    }
    issues.push(...checkSource(actor, lookups), ...checkMemory(actor), ...checkSystemLimits(actor));
  }
  issues.push(...checkOutputs(plan));
  return tellOnce(issues);
}

/**
 * The absolute path of a program; undefined when there is none that may be executed.
 *
 * @example
 * findProgram("sh", { path: "/usr/bin:/bin", folder: "/" }); // "/usr/bin/sh" or "/bin/sh"
 */
export function findProgram(name: string, { path, folder }: ProgramSearch): string | undefined {
  const found = searchProgram(name, { path, folder });
  return found.state === "found" ? found.file : undefined;
}

export interface ProgramSearch {
  /** Value of PATH: folders and colons. @default the usual folders */
  readonly path: string | undefined;
  /** Where relative names, and relative folders of PATH, start. */
  readonly folder: string;
}

interface Lookups {
  readonly programs: Map<string, string | undefined>;
  readonly files: Map<string, string | undefined>;
  readonly folders: Map<string, string | undefined>;
  /** PATH of the engine. */
  readonly envPath: string | undefined;
}

type Found = { readonly state: "found"; readonly file: string } | {
  readonly state: "missing" | "folder" | "no file" | "forbidden";
  readonly file: string;
};

/** As the system does it: what is found but may not be executed does not end the search. */
function searchProgram(name: string, { path, folder }: ProgramSearch): Found {
  if (name.includes("/")) return lookAt(placeFrom(folder, name));
  let first: Found = { state: "missing", file: name };
  if (name === "") return first;
  for (const place of (path ?? DEFAULT_PATH).split(delimiter)) {
    const found = lookAt(placeFrom(folder, place === "" ? name : `${place}/${name}`));
    if (found.state === "found") return found;
    if (first.state === "missing" && found.state !== "missing") first = found;
  }
  return first;
}

function lookAt(file: string): Found {
  // In most folders of PATH it is not; an error for each would take longer than all the rest.
  const stat = statOf(file, { throwIfNoEntry: false });
  if (typeof stat === "string") return { state: stat === "EACCES" ? "forbidden" : "missing", file };
  if (stat.isDirectory()) return { state: "folder", file };
  if (!stat.isFile()) return { state: "no file", file };
  return { state: mayAccess(file, "execute") ? "found" : "forbidden", file };
}

function checkSource(
  { name, source, cwd, env }: Actor,
  { programs, files, envPath }: Lookups,
): FlowIssue[] {
  switch (source.kind) {
    case "run": {
      const [program] = source.argv;
      const search = { path: env.PATH ?? envPath, folder: cwd };
      const key = `${program}\0${search.path}\0${cwd}`; // No name has a zero byte.
      const reason = once(programs, key, () => programProblem(program, search));
      const path = ["actors", name, "run", 0];
      if (reason !== undefined) return [{ path, message: `Cannot run "${program}": ${reason}` }];
      const long = source.argv.findIndex(isTooLong);
      if (long > 0) return [tooLong(source.argv[long] ?? "", ["actors", name, "run", long])];
      return source.handler === undefined ? [] : checkScript({ name, handler: source.handler, files });
    }
    case "sh":
      return isTooLong(source.script) ? [tooLong(source.script, ["actors", name, "sh"])] : [];
    case "file": {
      const reason = once(files, source.path, fileProblem);
      return reason === undefined
        ? []
        : [{ path: ["actors", name, "file"], message: `Cannot read "${source.path}": ${reason}` }];
    }
    default:
      return [];
  }
}

/** True when its folder or its program is another one for each member. */
function isOpen({ members, source, cwd }: Actor): boolean {
  const texts = source.kind === "run" ? [cwd, source.argv[0]] : [cwd];
  // In a flow that is used, the set has its name before its own.
  const mark = `{${members?.set.replace(/^.*\//s, "")}`;
  return texts.some((text) => text.includes(`${mark}}`) || text.includes(`${mark}.`));
}

/** Each run has a folder of its own there. */
function checkTemporary(): FlowIssue[] {
  const root = temporaryRoot();
  const stat = statOf(root);
  const reason = typeof stat === "string"
    ? reasonOf(stat, "folder")
    : !stat.isDirectory()
    ? "it is no folder"
    : mayAccess(root, "write")
    ? undefined
    : "it may not be written";
  return reason === undefined ? [] : [{ path: [], at: "outside", message: temporaryMessage(reason) }];
}

/** A function in a file needs the file; what stands in modules only their language knows. */
function checkScript({ name, handler, files }: Pick<Lookups, "files"> & {
  readonly name: string;
  readonly handler: string;
}): FlowIssue[] {
  const [file = "", member] = handler.split("#");
  const reason = member === undefined ? undefined : once(files, file, scriptFileProblem);
  return reason === undefined
    ? []
    : [{ path: ["actors", name, "handler"], message: `Cannot read "${file}": ${reason}` }];
}

/** Where nobody can see how much memory a process holds, its limit would be none. */
function checkMemory({ name, limits }: Actor): FlowIssue[] {
  if (limits?.memoryBytes === undefined || readMemory(process.pid) !== undefined) return [];
  const message = `Cannot limit the memory of actor "${name}": ${
    isLinux ? "this program may not look into /proc" : "this system has no /proc"
  } (expected Linux, and on Deno all permissions: -A)`;
  return [{ path: ["actors", name, "limits", "memory"], message }];
}

function programProblem(program: string, search: ProgramSearch): string | undefined {
  const { state, file } = searchProgram(program, search);
  switch (state) {
    case "found":
      return scriptProblem(file, search.folder) ?? envProblem(file, search);
    case "missing":
      return program.includes("/")
        ? "there is no such file (expected a program)"
        : "there is no such program in PATH (install it, or give its path)";
    case "folder":
      return "it is a folder (expected a program)";
    case "no file":
      return "it is no regular file (expected a program)";
    case "forbidden":
      return `it may not be executed (expected permission; try chmod +x ${quoteArgument(file)})`;
  }
}

/** `#!/usr/bin/env NAME` searches as the engine does. */
function envProblem(file: string, search: ProgramSearch): string | undefined {
  const head = readProgramHead(file);
  if (head.kind !== "script" || basename(head.interpreter) !== "env") return undefined;
  const { argument } = head;
  // Words and settings are for `env` to read.
  if (!/^[^-=\s][^=\s]*\r?$/.test(argument) || findProgram(argument, search) !== undefined) return undefined;
  if (argument.endsWith("\r")) return returnProblem(file);
  const asks = `its first line asks for ${JSON.stringify(argument)}`;
  return `${asks}, and there is no such program in PATH (install it, or change the line)`;
}

function folderProblem(folder: string): string | undefined {
  const stat = statOf(folder);
  if (typeof stat === "string") return `${reasonOf(stat, "folder")} (expected a folder that exists)`;
  if (!stat.isDirectory()) return "it is no folder (expected a folder)";
  return mayAccess(folder, "execute") ? undefined : "it may not be entered (expected permission)";
}

function fileProblem(file: string): string | undefined {
  const stat = statOf(file);
  if (typeof stat === "string") {
    const remedy = /[*?[]/.test(basename(file))
      ? 'a file that exists; a pattern is for sets: "sets": {"x": {"files": PATTERN}}, and "each": "x", "file": "{x.path}"'
      : "a file that exists";
    return `${reasonOf(stat, "file")} (expected ${remedy})`;
  }
  if (stat.isDirectory()) return "it is a folder (expected a file)";
  const place = stat.isFile() ? undefined : findOutputPlace(file);
  if (place?.kind === "descriptor" && !isGiven(place.fd, "read")) return `${NOT_GIVEN})`;
  return mayAccess(file, "read") ? undefined : "it may not be read (expected permission)";
}

/** A module is no stream: to load it from a pipe would wait for ever. */
function scriptFileProblem(file: string): string | undefined {
  const stat = statOf(file);
  const isOther = typeof stat !== "string" && !stat.isFile() && !stat.isDirectory();
  return isOther ? "it is no regular file (expected a module)" : fileProblem(file);
}

/** What the system knows about a file, or why it does not: its error code. */
function statOf(file: string, options?: { readonly throwIfNoEntry: false }): Stats | string {
  try {
    return statSync(file, options) ?? "ENOENT";
  } catch (error) {
    return codeOf(error) ?? "unknown";
  }
}

function reasonOf(code: string, noun: "file" | "folder"): string {
  switch (code) {
    case "ENOENT":
      return `there is no such ${noun}`;
    case "ENOTDIR":
      return "a part of its path is no folder";
    case "EACCES":
      return "a part of its path may not be entered";
    case "ENAMETOOLONG":
      return "its path is too long";
    case "ELOOP":
      return LINKS_RING;
    default:
      return `the system says ${code}`;
  }
}

function once(
  known: Map<string, string | undefined>,
  key: string,
  find: (key: string) => string | undefined,
): string | undefined {
  if (!known.has(key)) known.set(key, find(key));
  return known.get(key);
}
