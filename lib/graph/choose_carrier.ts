/**
 * How an edge is carried, and the reason told to people. A kernel pipe wherever possible: it is the fastest
 * and costs the engine nothing. Everything that can deadlock, is copied or is put together goes through the engine.
 */
import { isMessageActor, isProcess, isSplit } from "../core/flow.ts";
import type { Actor, StreamRef } from "../core/flow.ts";
import type { Edge, EdgeTarget } from "../core/plan.ts";
import type { MemberEdges } from "./plan_members.ts";

/** An edge before its carrier is chosen. */
export interface BareEdge {
  readonly from: StreamRef;
  readonly to: EdgeTarget;
}

/** What the choice of a carrier looks at. */
export interface CarrierContext {
  readonly actors: ReadonlyMap<string, Actor>;
  readonly members: MemberEdges;
  readonly start: "eager" | "lazy";
  /** True when some actors have to wait until others have ended. */
  readonly hasPlaces: boolean;
  readonly stdin: "inherit" | "stream";
  readonly stdout: "inherit" | "stream";
  readonly isCaptured: boolean;
  /** Actors that are named pipes. */
  readonly namedPipes: ReadonlySet<string>;
  /** Actors that are files which can be read once: named pipes, and devices that let their readers wait. */
  readonly readOnce: ReadonlySet<string>;
  /** Files of `out` that are named pipes. */
  readonly pipeTargets: ReadonlySet<string>;
  readonly canLook: boolean;
  /** Stream name (`actor port`) to the number of its readers. */
  readonly readers: ReadonlyMap<string, number>;
  /** Actor to the number of its streams that somebody reads. */
  readonly readStreams: ReadonlyMap<string, number>;
}

type Choice = Pick<Edge, "carrier" | "reason">;

interface EdgePlace {
  readonly context: CarrierContext;
  readonly isOnCycle: boolean;
  /** How many edges end at the same input. */
  readonly joined: number;
  /** The reader is given a complete file. */
  readonly isFile?: true;
}

export function chooseCarrier(edge: BareEdge, place: EdgePlace): Choice {
  const source = place.context.actors.get(edge.from.actor)?.source.kind;
  const inMember = chooseForMember(edge, place.context);
  if (inMember !== undefined) return inMember;
  if (edge.to.kind === "actor" && isSplit(place.context.actors.get(edge.to.actor))) {
    return relay("split by key");
  }
  if (isKeptForCached(edge, place.context.actors) && place.joined === 1) {
    return { carrier: "descriptor", reason: "the file that the cache keeps" };
  }
  if (place.isFile === true) return chooseForWhole(edge, place);
  if (source === "split") return relay("the records of one key");
  if (source === "value") return relay("a value, written by the engine");
  if (isMessageActor(place.context.actors.get(edge.from.actor))) {
    return relay("records that a message actor writes");
  }
  if (edge.to.kind === "actor" && isMessageActor(place.context.actors.get(edge.to.actor))) {
    return relay("records that become messages");
  }
  if (hasWorkers(edge.from.actor, place.context)) return relay("put together from what the workers write");
  if (edge.to.kind === "actor" && hasWorkers(edge.to.actor, place.context)) {
    return relay("shared by the workers");
  }
  if (isCached(edge.from.actor, place.context.actors)) {
    return relay('given when it is complete: its actor has "cache"');
  }
  if (isTriedAgain(edge.from.actor, place.context)) return relay("withheld until the actor has ended well");
  const inUnit = chooseForUnit(edge, place.context);
  if (inUnit !== undefined) return inUnit;
  if (edge.to.kind === "actor" && source !== "file" && isTriedAgain(edge.to.actor, place.context)) {
    return relay("kept for another try of the actor");
  }
  if (place.context.namedPipes.has(edge.from.actor)) {
    return relay("a named pipe, read when somebody writes to it");
  }
  if (edge.to.kind === "output" && place.context.pipeTargets.has(edge.to.target)) {
    return relay("a named pipe, written when somebody reads it");
  }
  if (place.joined > 1) {
    return relay(
      `one of ${place.joined} streams joined ${edge.to.kind === "actor" ? "on one input" : "in one output"}`,
    );
  }
  const readers = place.context.readers.get(`${edge.from.actor} ${edge.from.port}`) ?? 1;
  const isShared = readers > 1 && place.context.readOnce.has(edge.from.actor);
  if (source === "file" && !isShared) return chooseForFile(edge);
  if (readers > 1) return relay(`fan-out to ${readers} readers`);
  if (place.context.actors.get(edge.from.actor)?.isKept === true) {
    return relay("kept for what is spawned later");
  }
  if (place.isOnCycle) return relay("on a cycle of the graph: the engine watches it for deadlock");
  if (place.context.isCaptured) return relay("captured: a copy of it goes into the database");
  if (source === "stdin") return chooseForStdin(edge, place.context);
  return edge.to.kind === "output" ? chooseForOutput(edge, place.context) : chooseForProcesses(place.context);
}

/** For a reader that is given a complete file. */
function chooseForWhole(
  { from, to }: BareEdge,
  { joined, context: { actors, readOnce } }: EdgePlace,
): Choice {
  const isFile = actors.get(from.actor)?.source.kind === "file";
  if (isFile && joined === 1 && !readOnce.has(from.actor)) {
    return { carrier: "descriptor", reason: "the file itself" };
  }
  return relay(
    to.kind === "actor" && isCached(to.actor, actors)
      ? "gathered in a file: it is looked up in the cache when it is complete"
      : "given to the process as a complete file",
  );
}

function chooseForFile(edge: BareEdge): Choice {
  if (edge.to.kind === "output") return relay("a file, copied by the engine");
  return { carrier: "descriptor", reason: "the open file is handed to the process" };
}

function chooseForStdin(edge: BareEdge, context: CarrierContext): Choice {
  if (edge.to.kind === "output") return relay("standard input, copied by the engine");
  if (context.stdin === "stream") return relay("standard input comes from a stream of the caller");
  // To open a named pipe again waits for a writer, which may have left; a socket cannot be opened at all.
  if (edge.to.port !== "stdin") return relay("standard input is no path that can be opened");
  if (context.start === "lazy") return relay("lazy start: the engine has to see the first byte");
  return { carrier: "descriptor", reason: "the engine's standard input is handed to the process" };
}

function chooseForOutput(edge: BareEdge, context: CarrierContext): Choice {
  const isStandard = edge.to.kind === "output" && edge.to.target === "-";
  if (isStandard && context.stdout === "stream") {
    return relay("standard output goes to a stream of the caller");
  }
  // Standard output may be closed by whoever reads it; the actor's other streams must then go on.
  if (isStandard && (context.readStreams.get(edge.from.actor) ?? 1) > 1) {
    return relay("the actor's other outputs must go on when standard output is closed");
  }
  if (!context.canLook) return relay("nobody can be asked whether a process still writes to it");
  return {
    carrier: "descriptor",
    reason: isStandard
      ? "the engine's standard output is handed to the process"
      : "the open file is handed to the process",
  };
}

function chooseForProcesses(context: CarrierContext): Choice {
  if (context.start === "lazy") return relay("lazy start: the engine has to see the first byte");
  if (context.hasPlaces) return relay("fewer processes at a time than actors: its reader may start later");
  return { carrier: "pipe", reason: "one kernel pipe: one reader, on no cycle" };
}

/** Between the processes of one member, and between members and the rest of the flow. */
function chooseForMember({ from, to }: BareEdge, { actors, members }: CarrierContext): Choice | undefined {
  const reader = to.kind === "actor" ? actors.get(to.actor) : undefined;
  if (reader !== undefined && members.isInner(from, reader)) {
    return { carrier: "pipe", reason: "from process to process of each member" };
  }
  if (actors.get(from.actor)?.members !== undefined) return relay("put together from what the members write");
  if (to.kind !== "actor" || reader?.members?.port !== to.port) return undefined;
  return relay(
    reader.members.keysOf === undefined
      ? "a member for each record"
      : "a member for each key, with the records of its own",
  );
}

function hasWorkers(actor: string, { actors }: CarrierContext): boolean {
  return actors.get(actor)?.workers !== undefined;
}

function isTriedAgain(actor: string, { actors }: CarrierContext): boolean {
  return actors.get(actor)?.retry !== undefined;
}

/** Between the actors of a unit, out of it, or into it: what is read again has to be known to the engine. */
function chooseForUnit({ from, to }: BareEdge, { actors }: CarrierContext): Choice | undefined {
  const writer = actors.get(from.actor);
  const reader = to.kind === "actor" ? actors.get(to.actor) : undefined;
  if (writer !== undefined && leadsOut({ from, to }, actors)) {
    return relay(`withheld until all of ${writer.unit?.name} has ended well`);
  }
  if (reader?.unit === undefined || writer?.source.kind === "file") return undefined;
  return relay(
    leadsInto({ from, to }, actors)
      ? `kept for another try of ${reader.unit.name}`
      : `between actors of ${reader.unit.name}, which are tried again together`,
  );
}

/** True for an edge from a process of a unit to whoever is not in it. */
export function leadsOut({ from, to }: BareEdge, actors: CarrierContext["actors"]): boolean {
  const writer = actors.get(from.actor);
  if (writer?.unit === undefined || !isProcess(writer)) return false;
  return to.kind === "output" || actors.get(to.actor)?.unit?.name !== writer.unit.name;
}

/** True for an edge to a process of a unit from whoever is not run again with it. */
export function leadsInto({ from, to }: BareEdge, actors: CarrierContext["actors"]): boolean {
  const reader = to.kind === "actor" ? actors.get(to.actor) : undefined;
  const writer = actors.get(from.actor);
  if (reader?.unit === undefined || writer === undefined) return false;
  return !isProcess(writer) || writer.unit?.name !== reader.unit.name;
}

function isCached(actor: string, actors: CarrierContext["actors"]): boolean {
  return actors.get(actor)?.isCached === true;
}

/** True for an edge from one cached actor to another: it has its bytes from the cache, whichever run has made them. */
export function isKeptForCached({ from, to }: BareEdge, actors: CarrierContext["actors"]): boolean {
  return isCached(from.actor, actors) && to.kind === "actor" && isCached(to.actor, actors);
}

function relay(reason: string): Choice {
  return { carrier: "relay", reason };
}
