/**
 * Third part of a check: one actor by itself, before it is joined to others.
 */
import type { OutputPort, Retry, Workers } from "../../core/flow.ts";
import { RETRY_BACKOFF_MS } from "../../core/limits/process.ts";
import type { ActorDraft, InputDraft, SourceKind } from "./actor_draft.ts";
import type { CheckContext } from "./check_context.ts";
import { checkDuration } from "./check_duration.ts";
import { checkInputs } from "./check_inputs.ts";
import { checkLimits } from "./check_limits.ts";
import { fillParams, type Params } from "./check_params.ts";
import { type FlowShape, isUnreadable } from "./check_shape.ts";
import { type ActorSite, isHandler, isMessageSite } from "./actor_site.ts";
import { checkPath, checkSource, sourceKind } from "./check_source.ts";
import type { Rooms } from "./rooms.ts";
import type { UseReader } from "./uses.ts";
import { checkWorkers } from "./check_workers.ts";
import { quote, variableName } from "../schema/names.ts";

/** Keys that say how a process runs, and what they give it. */
const PROCESS_KEYS = [
  ["in", "has inputs"],
  ["merge", "has inputs"],
  ["outputs", "has extra outputs"],
  ["ok", "has an exit code"],
  ["env", "has an environment"],
  ["cwd", "has a working directory"],
  ["timeout", "takes its time"],
  ["stall", "can stall"],
  ["retry", "can be run again"],
  ["workers", "has workers"],
  ["cache", "has an output that can be kept"],
  ["reads", "reads files by itself"],
  ["keep", "has an output that can be kept"],
  ["limits", "has limits"],
  ["protocol", "talks in messages"],
] as const;

/** Those of them that others may have: a flow that is used as one actor, what splits its input, who lives elsewhere. */
const KEYS_BESIDE: Partial<Readonly<Record<SourceKind, readonly string[]>>> = {
  use: ["in", "retry"],
  split: ["in", "merge"],
  remote: ["in", "merge", "protocol"],
};

const OK: readonly number[] = [0];
const NO_INPUTS: ReadonlyMap<string, InputDraft> = new Map();

/** Checks every actor by itself; those with mistakes are in the result too, so that others can refer to them. */
export function checkActors(
  shape: FlowShape,
  { params, rooms, uses, check }: {
    readonly params: Params;
    readonly rooms: Rooms;
    readonly uses: UseReader | undefined;
    readonly check: CheckContext;
  },
): Map<string, ActorDraft> {
  const flowEnv = checkEnv(shape.top.keys.env ?? {}, { path: ["env"], params, check });
  const env = { ...check.outside.env, ...params.env, ...flowEnv };
  const drafts = new Map<string, ActorDraft>();
  for (const [name, actor] of shape.actors) {
    const site = { name, shape: actor, params, check };
    const checkOne = (at: ActorSite, own: Variables): ActorDraft =>
      checkActor(at, { flowEnv: own, rooms, uses });
    drafts.set(
      name,
      rooms.sets?.checkInstances(site, { env, checkActor: checkOne }) ?? checkOne(site, env),
    );
  }
  checkInputs(drafts, check);
  return drafts;
}

type Variables = Readonly<Record<string, string>>;

function checkActor(
  site: ActorSite,
  { flowEnv, rooms, uses }: {
    readonly flowEnv: Variables;
    readonly rooms: Rooms;
    readonly uses: UseReader | undefined;
  },
): ActorDraft {
  const { name, shape: { keys }, params, check } = site;
  const kind = sourceKind(site);
  const isProcess = kind === "process";
  const mayBeProcess = isProcess || kind === "unknown";
  const isUse = kind === "use";
  if (!mayBeProcess) reportProcessKeys(site, KEYS_BESIDE[kind] ?? []);
  reportWith(site, kind);
  const inputs = mayBeProcess || KEYS_BESIDE[kind]?.includes("in") === true ? inputsOf(keys.in) : NO_INPUTS;
  const outputs = mayBeProcess
    ? Object.entries(keys.outputs ?? {}).map(([port, fd]) => ({ name: port, fd }))
    : [];
  const used = isUse ? uses?.open(site, { inputs, env: flowEnv }) : undefined;
  checkOutputs(outputs, site);
  const namedInputs = [...inputs.keys()].filter((port) => port !== "stdin");
  reportSameVariables(namedInputs, { kind: "IN", site });
  const given = isProcess && keys.cwd !== undefined
    ? checkPath(keys.cwd, { site, path: ["actors", name, "cwd"] })
    : undefined;
  const cwd = given ?? check.folder;
  const ports = {
    in: isUnreadable(site.shape, "in") ? undefined : namedInputs,
    out: isUnreadable(site.shape, "outputs") ? undefined : outputs.map((port) => port.name),
  };
  const source = checkSource(site, { ports, rooms });
  const env = isProcess && keys.env !== undefined
    ? checkEnv(keys.env, { path: ["actors", name, "env"], params, check })
    : undefined;
  return {
    name,
    kind,
    source,
    outputs,
    hasOpenOutputs: kind === "unknown" || (isUse && used === undefined) ||
      isUnreadable(site.shape, "outputs"),
    inputs,
    hasNamedInputs: typeof keys.in === "object" && !Array.isArray(keys.in),
    merge: keys.merge,
    env: !isProcess ? {} : { ...flowEnv, ...env, ...rooms.messages?.handlerEnv(site, source) },
    cwd,
    ok: keys.ok ?? OK,
    timeoutMs: isProcess && !isHandler(site)
      ? checkDuration(keys.timeout, { path: ["actors", name, "timeout"], check })
      : undefined,
    stallMs: isProcess ? checkDuration(keys.stall, { path: ["actors", name, "stall"], check }) : undefined,
    retry: (isProcess && !isMessageSite(site)) || isUse ? checkRetry(site) : undefined,
    workers: isProcess ? checkWorkersOf(site, inputs) : undefined,
    isCached: isProcess && keys.cache === true && !reportCachedWorkers(site),
    reads: isProcess ? checkReads(site) : undefined,
    isKept: isProcess && keys.keep === true && !reportKept(site),
    limits: isProcess ? checkLimits(keys.limits, { path: ["actors", name, "limits"], check }) : undefined,
    messaging: mayBeProcess || kind === "remote" ? rooms.messages?.checkMessaging(site) : undefined,
    explain: keys.explain,
    used,
    port: keys.input,
  };
}

/** Workers share stdin; another input each of them reads for itself, so it has to be a file. */
function checkWorkersOf(
  { name, shape: { keys }, check }: ActorSite,
  inputs: ReadonlyMap<string, InputDraft>,
): Workers | undefined {
  const workers = checkWorkers(keys.workers, { path: ["actors", name, "workers"], check });
  if (workers === undefined) return undefined;
  const stdin = inputs.get("stdin");
  if (stdin === undefined || stdin.isFile) {
    const message = `Cannot give actor ${
      quote(name)
    } workers: they share the lines of stdin, which it does not read${
      stdin === undefined ? "" : " as a stream"
    } (expected an input "stdin")`;
    check.report({ path: ["actors", name, "workers"], message });
  }
  for (const [port, { isFile }] of inputs) {
    if (port === "stdin" || isFile) continue;
    const message = `Cannot give input ${quote(port)} to the workers of actor ${
      quote(name)
    }: each of them reads it whole (expected {"from": …, "as": "file"})`;
    check.report({ path: ["actors", name, "in", port], message });
  }
  return workers;
}

/** Of several processes the engine puts the output together; nothing keeps it yet. True when it is reported. */
function reportCachedWorkers({ name, shape: { keys: { workers } }, check }: ActorSite): boolean {
  if (workers === undefined || workers === 1) return false;
  const message = `Cannot cache actor ${quote(name)}: it has workers (expected one of "cache" and "workers")`;
  check.report({ path: ["actors", name, "cache"], message });
  return true;
}

/** Paths and patterns of files; undefined when it does not say what it reads. */
function checkReads(site: ActorSite): readonly string[] | undefined {
  return site.shape.keys.reads?.flatMap((text, index) =>
    checkPath(text, { site, path: ["actors", site.name, "reads", index] }) ?? []
  );
}

/** What is kept is what a process writes as it writes it. True when it is reported. */
function reportKept({ name, shape: { keys }, check }: ActorSite): boolean {
  const wrong = (["cache", "retry", "workers"] as const).find((key) =>
    keys[key] !== undefined && keys[key] !== false
  );
  if (wrong === undefined) return false;
  const message = `Cannot keep what actor ${
    quote(name)
  } writes: it has "${wrong}" (expected one of "keep" and "${wrong}")`;
  check.report({ path: ["actors", name, "keep"], message });
  return true;
}

function checkRetry({ name, shape: { keys: { retry } }, check }: ActorSite): Retry | undefined {
  if (retry === undefined) return undefined;
  if (typeof retry === "number") return { max: retry, backoffMs: RETRY_BACKOFF_MS };
  const path = ["actors", name, "retry"];
  const withinMs = checkDuration(retry.within, { path: [...path, "within"], check });
  return {
    max: retry.max,
    backoffMs: checkDuration(retry.backoff, { path: [...path, "backoff"], check, isPositive: false }) ??
      RETRY_BACKOFF_MS,
    ...(withinMs === undefined ? {} : { withinMs }),
  };
}

function inputsOf(input: ActorSite["shape"]["keys"]["in"]): ReadonlyMap<string, InputDraft> {
  if (input === undefined) return NO_INPUTS;
  if (isNames(input)) return new Map([["stdin", { names: input, isFile: false }]]);
  return new Map(
    Object.entries(input).map(([port, value]) => [
      port,
      isNames(value) ? { names: value, isFile: false } : { names: value.from, isFile: true },
    ]),
  );
}

function isNames(input: string | readonly string[] | object): input is string | readonly string[] {
  return typeof input === "string" || Array.isArray(input);
}

/** Only a flow that is used has parameters of its own. */
function reportWith({ name, shape: { keys, broken }, check }: ActorSite, kind: SourceKind): void {
  if (kind === "use" || kind === "unknown" || (keys.with === undefined && !broken.has("with"))) return;
  const message = `Cannot use "with" on actor ${
    quote(name)
  }: it gives parameters to another flow (expected it beside "use")`;
  check.report({ path: ["actors", name, "with"], message, at: "key" });
}

function reportProcessKeys({ name, shape, check }: ActorSite, allowed: readonly string[]): void {
  for (const [key, what] of PROCESS_KEYS) {
    if (allowed.includes(key) || (shape.keys[key] === undefined && !shape.broken.has(key))) continue;
    const message = `Cannot use "${key}" on actor ${quote(name)}: only a process (run, sh) ${what}`;
    check.report({ path: ["actors", name, key], message, at: "key" });
  }
}

function checkOutputs(outputs: readonly OutputPort[], site: ActorSite): void {
  const ports = new Map<number, string>();
  for (const { name, fd } of outputs) {
    const other = ports.get(fd);
    if (other !== undefined) {
      const message = `Cannot open output ${quote(name)} of actor ${
        quote(site.name)
      }: file descriptor ${fd} is that of output ${quote(other)} (expected another one)`;
      site.check.report({ path: ["actors", site.name, "outputs", name], message });
    }
    ports.set(fd, name);
  }
  reportSameVariables(outputs.map((port) => port.name), { kind: "OUT", site });
}

function reportSameVariables(
  ports: readonly string[],
  { kind, site }: { kind: "IN" | "OUT"; site: ActorSite },
): void {
  if (ports.length < 2) return;
  const variables = new Map<string, string>();
  for (const port of ports) {
    const variable = variableName(kind, port);
    const other = variables.get(variable);
    if (other !== undefined) {
      const message = `Cannot use port ${quote(port)} of actor ${
        quote(site.name)
      }: it would be ${variable}, as ${quote(other)} is (expected another name)`;
      site.check.report({
        path: ["actors", site.name, kind === "IN" ? "in" : "outputs", port],
        message,
        at: "key",
      });
    }
    variables.set(variable, port);
  }
}

function checkEnv(
  env: Readonly<Record<string, string>>,
  { path, params, check }: { path: readonly string[]; params: Params; check: CheckContext },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => {
      return [name, fillParams(text, { path: [...path, name], params, check }) ?? ""];
    }),
  );
}
