/**
 * What a run does with what its relays tell: which part has to know, and what is a failure.
 */
import type { Room } from "../core/failure.ts";
import { isProcess, streamName } from "../core/flow.ts";
import type { Plan } from "../core/plan.ts";
import { nameTarget } from "../core/plan.ts";
import type { ActorLife } from "./actors/actor_life.ts";
import type { MemberPools } from "./actors/member_pools.ts";
import type { CachedActors } from "./cache/cached_actors.ts";
import type { FlowBorder } from "./wiring/flow_border.ts";
import type { InputFiles } from "./wiring/input_files.ts";
import type { KeptStreams } from "./logs/kept_streams.ts";
import type { RelayClientHooks, RelayError } from "./relays/relay_client.ts";
import type { RunCapture } from "./capture/run_capture.ts";
import type { RunSplits } from "./actors/run_splits.ts";
import type { RunPools } from "./actors/run_pools.ts";
import type { Units } from "./actors/units.ts";
import type { RunState } from "./state/run_state.ts";
import type { Wiring } from "./wiring/wiring.ts";

interface RelayedParts {
  readonly state: Pick<RunState, "change" | "emit" | "fail" | "noteFailure" | "reportBug" | "stop" | "track">;
  readonly wiring: Pick<Wiring, "lose">;
  readonly ends: Pick<FlowBorder, "sources" | "endOutput">;
  readonly inputFiles: Pick<InputFiles, "end"> | undefined;
  readonly pools: Pick<RunPools, "add" | "end"> | undefined;
  readonly members: Pick<MemberPools, "add" | "end"> | undefined;
  readonly splits: Pick<RunSplits, "end"> | undefined;
  readonly units?: Pick<Units, "noteRewound"> | undefined;
  readonly life: Pick<ActorLife, "start">;
  readonly capture: Pick<RunCapture, "file" | "noteWhole" | "cut"> | undefined;
  readonly cached: Pick<CachedActors, "pathOf" | "endStream"> | undefined;
  readonly kept: Pick<KeptStreams, "end"> | undefined;
  readonly room: Room;
}

interface EdgeEnd {
  readonly actor: string;
  readonly port: string;
}

/** Connects the relays of a plan with the parts of its run. */
export function listenToRelays(plan: Plan, parts: RelayedParts): RelayClientHooks {
  const {
    state,
    wiring,
    ends,
    inputFiles,
    pools,
    members,
    splits,
    units,
    life,
    capture,
    cached,
    kept,
    room,
  } = parts;

  /** The system did not carry a stream or an input. Sources and files are told by those who opened them. */
  const failEdge = ({ actor, port }: EdgeEnd, does: "writes" | "reads", error: RelayError): void => {
    const source = plan.flow.actors.get(actor);
    if (source === undefined || !isProcess(source)) return;
    if (does === "writes" && cached?.pathOf({ actor, port }) !== undefined) return;
    state.fail({ kind: "edge", actor, port, does, errno: error.code, reason: error.message });
  };

  return {
    onBegun: () => state.change(),
    onStreamEnded: (stream, { error, isWhole }) => {
      const [edge] = stream.edges;
      if (isWhole && edge !== undefined) capture?.noteWhole(edge.from);
      ends.sources.end(stream, error);
      if (edge !== undefined && error !== undefined) failEdge(edge.from, "writes", error);
      cached?.endStream(stream, error);
    },
    onLost: (stream) => {
      wiring.lose(stream);
      ends.sources.lose(stream);
    },
    onKept: (stream, error) => kept?.end(stream, error),
    onJoinEnded: (joined, error) => {
      inputFiles?.end(joined, error);
      ends.endOutput(joined, error);
      const { to, isFile } = joined.join;
      if (error !== undefined && to.kind === "actor" && isFile !== true) failEdge(to, "reads", error);
    },
    onCopyCut: (stream, error) => {
      if (capture === undefined) return;
      capture.cut(stream);
      if (error === undefined) return;
      state.noteFailure({ kind: "capture", file: capture.file, errno: error.code, reason: error.message });
    },
    onCaughtUp: () => state.change(),
    onCopyWanted: (pool, index, record) => {
      if (record !== undefined) return members?.add(pool, index, record);
      const worker = pools?.add(pool, index);
      if (worker !== undefined) state.track(life.start(worker));
    },
    onPoolEnded: (pool) => {
      pools?.end(pool);
      members?.end(pool);
    },
    onSplitEnded: (actor, end) => splits?.end(actor, end),
    onUnitRewound: (unit) => units?.noteRewound(unit),
    onGrown: (edge, { edge: _, ...growth }) =>
      state.emit({ type: "buffer-grown", from: streamName(edge.from), to: nameTarget(edge.to), ...growth }),
    onDeadlock: (deadlock) => {
      // Nobody can go on: whatever `onFailure` says, this run is over.
      state.fail({ kind: "deadlock", room, ...deadlock });
      state.stop({ reason: "failure" });
    },
    onError: (error) => state.reportBug(error),
  };
}
