/**
 * What a cached actor depends on before it has read anything by itself, as a text: the same text and the same inputs, and
 * it begins in the same way.
 */
import process from "node:process";
import type { Actor } from "../../core/flow.ts";
import type { Hide } from "../../core/secrets.ts";
import { PROGRAMS_MAX } from "../../core/limits/process.ts";
import { ownRights } from "../../host/files/own_rights.ts";
import { findProgram } from "../../process/start/preflight.ts";
import { hashBytes } from "../../store/cache/hash_file.ts";
import { commandText } from "../reads/command_mentions.ts";
import { listDeclared } from "../reads/declared_reads.ts";
import type { FileStates } from "../reads/file_states.ts";
import { namedFiles } from "../reads/named_files.ts";

/** What an input brings: the content of each of its streams in order, or of all of them as one. */
export interface InputContent {
  readonly port: string;
  readonly parts: readonly string[];
}

export interface Identity {
  readonly text: string;
  /** Contents that it is known to read: its program, and what it declares. */
  readonly contents: readonly string[];
}

/** Changed when keys are made in another way. */
const KEY_VERSION = 2;

/** Addresses of a session's other programs: what they answer is not in a file either. They count where they are named. */
const SESSION =
  /^(?:WINDOWID|DISPLAY|WAYLAND_DISPLAY|STY|TMUX.*|SSH_.*|XDG_SESSION_.*|XDG_VTNR|XDG_SEAT|DBUS_SESSION_BUS_ADDRESS|TRACEPARENT|TRACESTATE)$/;

/** What a shell keeps for itself of where it is and was: an actor is given none of it but its own folder. */
const OF_SHELL = ["_", "SHLVL", "OLDPWD", "PWD"];

/** Those of the engine: they count where anything names them that the actor reads. The run's own mark never does. */
const OF_ENGINE = /^SLUICE_/;
const MARK = "SLUICE_RUN";

type Variable = readonly [name: string, value: string];

/** What the engine's own environment gives every actor: what counts, and what counts where it is named. */
export interface Inherited {
  /** User and file mask. */
  readonly rights: string;
  /** A hash of all of them. */
  readonly variables: string;
  readonly session: readonly Variable[];
  readonly offered: readonly Variable[];
}

/** Read once for all actors: as they are started with it, but for secrets. */
export function inheritedVariables(stretch: Hide): Inherited {
  const all = Object.entries(process.env).flatMap(([name, value]): readonly Variable[] =>
    value === undefined ? [] : [[name, stretch(value)]]
  ).sort(byName);
  return {
    rights: ownRights(),
    variables: hashBytes(
      JSON.stringify(
        all.filter(([name]) => !SESSION.test(name) && !OF_ENGINE.test(name) && !OF_SHELL.includes(name)),
      ),
    ),
    session: all.filter(([name]) => SESSION.test(name)),
    offered: all.filter(([name]) => OF_ENGINE.test(name) && name !== MARK),
  };
}

function byName([a]: Variable, [b]: Variable): number {
  return a < b ? -1 : 1;
}

/** The key that all entries share whose actors were run in the same way (`identify`) with these inputs. */
export function makeBase(identity: Identity, inputs: readonly InputContent[]): string {
  return hashBytes(JSON.stringify([KEY_VERSION, identity.text, inputs]));
}

/** The engine's variables that an actor is given; they count when something that it reads names them. */
export function offeredVariables(
  { name, env }: Actor,
  { offered, stretch }: Pick<Inherited, "offered"> & { readonly stretch: Hide },
): ReadonlyMap<string, string> {
  return new Map([
    ...offered,
    ...stretch(Object.entries(env).filter(([name]) => OF_ENGINE.test(name))),
    ["SLUICE_ACTOR", name],
  ]);
}

/** The environment that an actor gets of the one that all others get: nothing that is not in its key. */
export function cachedEnvironment(
  { env, cwd }: Actor,
  all: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = Object.entries(all).filter(([name]) => !OF_SHELL.includes(name) || name in env);
  return { PWD: cwd, ...Object.fromEntries(own) };
}

/** The command, its environment and folder, the program, the ports, and the contents of what it declares. */
export async function identify(
  actor: Actor,
  { states, programs, stretch, inherited, isStderrRead }: {
    /** Those that were found before: who runs them finds each once, too. */
    readonly programs: Map<string, string>;
    readonly states: FileStates;
    readonly stretch: Hide;
    readonly inherited: Inherited;
    readonly isStderrRead: boolean;
  },
): Promise<Identity> {
  const { source, env, cwd, ok, inputs, outputs, reads } = actor;
  const name = source.kind === "run" ? source.argv[0] : "/bin/sh";
  const path = env["PATH"] ?? process.env["PATH"];
  const search = JSON.stringify([name, path, cwd]);
  const program = programs.get(search) ?? findProgram(name, { path, folder: cwd }) ?? name;
  if (programs.size >= PROGRAMS_MAX) programs.clear();
  programs.set(search, program);
  const declared = reads === undefined ? [] : [...reads.flatMap(listDeclared), ...namedFiles(source, cwd)];
  const files = await Promise.all([program, ...declared].map((path) => contentOf(path, states)));
  const text = stretch(JSON.stringify([
    source,
    cwd,
    files.map(({ path, text }) => [path, text]),
    reads ?? null,
    environmentOf(actor, inherited),
    inherited.rights,
    [...ok].sort(),
    inputs.map(({ name, merge, isFile, streams }) => [name, isFile === true, streams.length > 1 && merge]),
    outputs.map(({ name, fd }) => [name, fd]),
    isStderrRead,
  ]));
  return { text, contents: files.flatMap(({ hash }) => hash ?? []) };
}

async function contentOf(
  path: string,
  states: FileStates,
): Promise<{ readonly path: string; readonly text: string; readonly hash?: string }> {
  const state = states.look(path, "content");
  if (state.text !== undefined) return { path, ...state, text: state.text };
  const hash = await states.hash(path);
  return { path, text: states.look(path, "content").text ?? `f ${hash}`, hash };
}

/** All that it gets, but what belongs to a session or is offered. Its values may be no secrets of the flow, and still nobody's business: the key is its hash. */
function environmentOf(actor: Actor, inherited: Inherited): readonly unknown[] {
  const { env } = actor;
  const { variables, session } = inherited;
  const words = session.length === 0 ? new Set() : new Set(commandText(actor).split(/\W+/));
  const own = Object.entries(env).filter(([name]) => !OF_ENGINE.test(name)).sort(byName);
  return [variables, session.filter(([name]) => words.has(name) && !(name in env)), own];
}
