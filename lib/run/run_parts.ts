/**
 * The parts of one run, each made of those before it. Nothing is started, opened or told here.
 */
import type { Room } from "../core/failure.ts";
import { MEMORY_BYTES, SPILL_SHARE } from "../core/limits/streams.ts";
import type { Tracing } from "../core/messaging.ts";
import type { Plan } from "../core/plan.ts";
import { makeHide } from "../core/secrets.ts";
import { LeftBehind } from "../process/proc/left_behind.ts";
import { ProcessLife } from "../process/life/process_life.ts";
import { ProcessStopper } from "../process/stop/process_stopper.ts";
import type { RunFolder } from "../process/start/run_folder.ts";
import { ActorLife } from "./actors/actor_life.ts";
import { EventSink } from "./state/event_sink.ts";
import { FlowBorder } from "./wiring/flow_border.ts";
import { FlowFinish } from "./flow_finish.ts";
import { HeldOutputs } from "./pipes/held_outputs.ts";
import type { KeptStreams } from "./logs/kept_streams.ts";
import { isCopied } from "./state/is_tapped.ts";
import type { LoadedParts } from "./load_parts.ts";
import type { RemoteGateway } from "./remotes/remote_gateway.ts";
import { ProcessRoster } from "./actors/process_roster.ts";
import { RelayClient } from "./relays/relay_client.ts";
import type { PlanRunOptions } from "./state/run_options.ts";
import { isGivenOnce } from "./relays/relay_setup.ts";
import { RunState } from "./state/run_state.ts";
import { StartQueue } from "./actors/start_queue.ts";
import { tellStderr } from "./wiring/tell_stderr.ts";
import type { Units } from "./actors/units.ts";
import { UnstartedActors } from "./actors/unstarted_actors.ts";
import { Wiring } from "./wiring/wiring.ts";

export type RunParts = ReturnType<typeof makeRunParts>;

/** What is given to a run, with what is loaded only when it is needed. */
export interface RunGiven {
  readonly options: PlanRunOptions;
  readonly folder: RunFolder;
  readonly loaded: LoadedParts;
  /** The connections to other programs. */
  readonly gateway: RemoteGateway | undefined;
}

export function makeRunParts(plan: Plan, given: RunGiven) {
  const told = makeTold(plan, given);
  const streams = makeStreams(plan, { ...given, ...told });
  const actors = makeActors(plan, { ...given, ...told, ...streams });
  const { state, stopper, roster } = told;
  const finish = new FlowFinish({ state, ends: streams.ends, stopper, actors: streams.wiring.actors });
  const messages = startMessages(plan, { ...given, ...told, ...streams, ...actors, finish });
  const edgeSampler = given.loaded.EdgeSampler &&
    new given.loaded.EdgeSampler(plan, { relays: streams.relays, processes: () => roster.list() });
  const parts = { ...told, ...streams, ...actors, finish, messages, edgeSampler };
  fillRoster(parts);
  state.whenStopping(() => stopFeeding(parts));
  return parts;
}

/** What keeps and tells the state of the run, and who stops its processes. */
function makeTold(plan: Plan, { options, folder, loaded }: RunGiven) {
  const state = new RunState({
    stopsOnFailure: plan.flow.onFailure === "stop",
    hide: makeHide(plan.flow),
    trace: options.trace,
  });
  const sink = new EventSink(options, () => state.stop({ reason: "abort" }));
  const capture = loaded.captureRun?.(plan, {
    options,
    uuid: state.id,
    startedAt: state.startedAt,
    onFailed: (failure) => state.noteFailure(failure),
    onError: (error) => state.reportBug(error),
  });
  if (capture !== undefined) state.addListener({ tell: (event) => capture.note(event) });
  state.addListener({
    tell: (event) => sink.tell(event),
    ...options.onStderr === undefined ? {} : { tellStderr: (actor, lines) => sink.tellStderr(actor, lines) },
    ...options.onOpenLine === undefined
      ? {}
      : { tellOpenLine: (actor, text) => sink.tellOpenLine(actor, text) },
  });

  const roster = new ProcessRoster();
  const left = new LeftBehind(state.mark);
  const stopper = new ProcessStopper(state.mark, {
    graceMs: plan.flow.graceMs,
    processes: () => roster.list(),
    left,
  });
  const held = new HeldOutputs({ left, onLook: () => state.change() });
  const room = measureRoom(plan, folder);
  const kept = loaded.KeptStreams &&
    new loaded.KeptStreams(plan, {
      folder,
      onFailure: (failure) => {
        state.fail(failure);
        // Nobody could stop it alone: whatever `onFailure` says, this run is over.
        if (failure.over !== undefined) state.stop({ reason: "failure" });
      },
    });
  return { state, sink, capture, roster, left, stopper, held, room, kept };
}

type Told = ReturnType<typeof makeTold>;

/** What streams go through: relays, files, the border of the flow, the descriptors of processes. */
function makeStreams(
  plan: Plan,
  { options, folder, loaded, state, capture, held, room, kept, stopper }: RunGiven & Told,
) {
  const relays = makeRelays(plan, { folder, room, kept, loaded, isCaptured: options.capture !== undefined });
  const { cached, cachedMembers } = loaded.makeCached?.(plan, {
    options,
    folder,
    loaded,
    relays,
    capture,
    state,
    stopper,
  }) ?? {};
  const inputFiles = loaded.InputFiles && new loaded.InputFiles(relays, {
    folder,
    spillBytes: plan.flow.limits.spillBytes,
    isCached: (actor) => plan.flow.actors.get(actor)?.isCached === true,
    isGivenOnce: (joined) => isGivenOnce(joined, plan.flow.actors),
    onHashed: (input, content) => cached?.noteInput(input, content),
    onError: (error) => state.reportBug(error),
    onChange: () => state.change(),
  });
  const ends = new FlowBorder(plan, {
    relays,
    options,
    run: state.id,
    folder,
    capture,
    onFailure: (failure) => state.fail(failure),
    onWaiting: (waiting) => state.emit({ type: "pipe-waiting", ...waiting }),
    onChange: () => state.change(),
  });
  const wiring = new Wiring(plan, {
    relays,
    outputs: ends.files,
    held,
    inputFiles,
    wireCopy: loaded.wireCopy,
    capture,
    cached,
    kept,
    stderr: tellStderr(state),
  });
  return { relays, cached, cachedMembers, inputFiles, ends, wiring };
}

type Streams = ReturnType<typeof makeStreams>;

/** When actors are started, as what, and what becomes of them. */
function makeActors(plan: Plan, parts: RunGiven & Told & Streams) {
  const { options, folder, loaded, state, roster, stopper, left, capture } = parts;
  const { relays, cached, cachedMembers, inputFiles, ends, wiring } = parts;
  const { actors, edges } = wiring;
  const getUnits = (): Units | undefined => units;
  const limits = loaded.makeLimits?.({ state, ends, roster, stopper, left, units: getUnits });
  const lives = new ProcessLife({ state, folder, left, limits });
  const queue = new StartQueue(plan, {
    state,
    relays,
    inputFiles,
    cached,
    actors,
    units: getUnits,
    countUnplaced: (): number => members?.count ?? 0,
  });
  const units: Units | undefined = loaded.Units &&
    new loaded.Units(plan, { state, actors, relays, queue, edges, inputFiles, stopper, capture });
  const unstarted = new UnstartedActors({ state, queue, edges, relays, units: getUnits });
  const pools = loaded.RunPools && new loaded.RunPools({ state, relays, wiring, capture });
  const life = new ActorLife({ state, lives, relays, wiring, capture, cached, cachedMembers, pools, units });
  const members = loaded.MemberPools && new loaded.MemberPools(plan, {
    state,
    relays,
    wiring,
    folder,
    capture,
    cached: cachedMembers,
    journal: loaded.MemberJournal && options.capture &&
      new loaded.MemberJournal(`${options.capture.file}.members`, { isResumed: options.isResumed ?? false }),
    start: (run) => life.start(run),
  });
  const splits = loaded.RunSplits && new loaded.RunSplits(plan, { state, relays, wiring, ends, folder });
  return { limits, lives, queue, units, unstarted, pools, life, members, splits };
}

type Actors = ReturnType<typeof makeActors>;

/** The messages of a flow that has some. */
function startMessages(
  plan: Plan,
  { options, loaded, kept, finish, ...parts }: RunGiven & Told & Streams & Actors & {
    readonly finish: FlowFinish;
  },
) {
  return loaded.startMessages?.(plan, {
    ...parts,
    kept: kept?.logs ?? new Map(),
    tracing: tracingOf(options),
    checkSchemas: loaded.checkSchemas,
    isWatched: options.wantsEdges === true,
    isServing: options.until === "signal" || isServer(plan),
    RunRemotes: loaded.RunRemotes,
    onFinish: (run) => finish.begin(run),
    journal: options.capture === undefined
      ? undefined
      : { file: `${options.capture.file}.messages`, isResumed: options.isResumed ?? false },
  });
}

/** Who is only called by others waits for them. */
function isServer({ flow, actors }: Plan): boolean {
  return flow.endpoint !== undefined && !actors.some(({ source }) => source.kind === "remote");
}

type Parts = Told & Streams & Actors & { readonly messages: ReturnType<typeof startMessages> };

/** Where processes are: with their actors, in pools, in the places of messages. */
function fillRoster({ roster, wiring: { actors }, pools, members, messages }: Parts): void {
  roster.add(() =>
    [...actors.values()].filter(({ phase }) => phase.phase === "single").map(({ process }) => process)
  );
  if (pools !== undefined) roster.add(() => pools.listLive().map(({ process }) => process));
  if (members !== undefined) roster.add(() => members.listLive().map(({ process }) => process));
  if (messages !== undefined) roster.add(() => messages.processes);
}

/** The run is to end: nobody is started or fed any more. */
function stopFeeding({ state, stopper, life, units, pools, members, splits, messages, ends }: Parts): void {
  life.stopResting();
  units?.stop();
  pools?.closeAll();
  members?.closeAll();
  splits?.close();
  messages?.halt();
  state.track(stopper.stopAll());
  ends.sources.close();
}

function tracingOf({ wantsMessages, wantsEdges, capture }: PlanRunOptions): Tracing {
  if (wantsMessages === true) return capture === undefined ? "steps" : "whole";
  return wantsEdges === true ? "some" : "off";
}

/** What the run may hold beyond its pipes. */
function measureRoom({ flow: { limits: { memoryBytes, spillBytes } } }: Plan, folder: RunFolder): Room {
  return {
    memory: memoryBytes ?? MEMORY_BYTES,
    spill: spillBytes ?? folder.freeBytes() * SPILL_SHARE,
    folder: folder.root,
    isSpillShare: spillBytes === undefined,
  };
}

function makeRelays(
  plan: Plan,
  { folder, room, kept, loaded: { openThread }, isCaptured }: {
    readonly folder: RunFolder;
    readonly loaded: LoadedParts;
    readonly room: Room;
    readonly kept: KeptStreams | undefined;
    readonly isCaptured: boolean;
  },
): RelayClient {
  const copied = new Set(plan.actors.filter(isCopied).map(({ name }) => name));
  return new RelayClient(plan, {
    openThread,
    folder: folder.path,
    memoryBytes: room.memory,
    spillBytes: room.spill,
    hasPlaces: plan.processes !== undefined,
    sidesOf: ({ actor }) => [
      ...isCaptured && copied.has(actor) ? ["capture" as const] : [],
      ...kept?.has(actor) === true ? ["keep" as const] : [],
    ],
  });
}
