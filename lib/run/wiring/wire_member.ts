/**
 * The descriptors of the processes of a member: pipes and files between them, and what they write for readers outside.
 */
import { join } from "node:path";
import type { FlowOutput } from "../../core/flow.ts";
import { streamKey } from "../../core/flow.ts";
import {
  closeFd,
  closeFile,
  makeEnginePipe,
  openFile,
  openNull,
} from "../../host/descriptors/descriptors.ts";
import type { MemberOutput, MemberPlan } from "../../graph/plan_member.ts";
import type { MemberJournal } from "../../store/member_journal.ts";
import type { CachedMembers } from "../cache/cached_members.ts";
import type { ProcessPorts, Wires } from "../../process/state/wires.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { MemberRun, MemberTarget } from "../state/member_run.ts";
import { DirectPipe } from "../pipes/direct_pipe.ts";
import type { MemberTeller } from "./member_teller.ts";
import { numberInputs } from "./number_inputs.ts";
import type { RelayClient, RelayedStream } from "../relays/relay_client.ts";
import type { Wiring } from "./wiring.ts";

/** A pool as its members are wired. */
export interface MemberWays {
  /** Its number in the relays. */
  readonly pool: number;
  readonly plan: MemberPlan;
  /** The streams that are given on, in the order of the pool in the relays. */
  readonly streams: readonly { readonly key: string; readonly stream: RelayedStream }[];
  /** Where files between processes are. */
  readonly folder: string;
  /** Keeps what is given on of members, so that a later run can go on. */
  readonly journal: MemberJournal | undefined;
  readonly teller: MemberTeller;
  /** Undefined when nothing of the members is cached. */
  readonly cached: CachedMembers | undefined;
  /** The file of the records of a member's own key. */
  readonly findRecords: (stream: string, index: number) => string | undefined;
  /** What is open may be told later: nobody is run again. */
  readonly isPatient: boolean;
}

/** One process of a member. */
export interface MemberProcess {
  readonly run: ActorRun;
  /** The name of the actor that it is of. */
  readonly pattern: string;
  readonly member: MemberRun;
  readonly ways: MemberWays;
}

/** Makes what joins the processes of a member, before the first of them is started. Throws the system's error. */
export function openMember(
  member: MemberRun,
  { pool, plan, streams, folder, journal }: MemberWays,
  { openTarget }: {
    /** Opens a file of `out` that is this member's. */
    readonly openTarget: (output: FlowOutput) => MemberTarget & { readonly path: string };
  },
): void {
  const opened: number[] = [];
  try {
    for (const [key, output] of plan.outputs) {
      if (output.way === "pipe") {
        const { isReadKept } = gateOf(key, plan);
        member.pipes.set(key, new DirectPipe({ isReadKept }));
      } else if (output.way === "file" && output.out !== undefined) {
        const target = openTarget(output.out);
        member.targets.push(target);
        member.files.set(key, { path: target.path, target: target.target });
      } else if (output.way === "file") {
        const at = streams.findIndex((stream) => stream.key === key);
        const kept = at === -1 || member.id === undefined ? undefined : journal?.pathOf(member.id, at);
        // What goes into the cache has a place when it is whole.
        const path = kept ??
          (output.isCached ? undefined : join(folder, `member-${pool}-${member.index}-${member.files.size}`));
        if (path !== undefined) member.files.set(key, { path });
      }
    }
    // The relays are told with the first process that is there.
    member.untold = streams.map(({ key }) => {
      const output = plan.outputs.get(key);
      if (output?.way === "file" && output.isGivenOn) return "later";
      if (output?.way !== "out") return undefined;
      const { readFd, writeFd } = makeEnginePipe("read");
      member.outs.set(key, writeFd);
      opened.push(readFd);
      return readFd;
    });
  } catch (error) {
    for (const fd of [...opened, ...member.outs.values()]) closeFd(fd);
    for (const pipe of member.pipes.values()) pipe.abandon();
    for (const target of member.targets) target.finish(false);
    throw error;
  }
}

/** A reader that leaves must not break a writer whose other streams are read. */
function gateOf(key: string, { outputs }: MemberPlan): { readonly isReadKept: boolean } {
  const actor = actorOfKey(key);
  const read = [...outputs].filter(([other, { way }]) => actorOfKey(other) === actor && way !== "unread");
  return { isReadKept: read.length > 1 };
}

/** What a process of a member is given. Throws the system's error. */
export function wireMember(
  process: MemberProcess,
  { wires, relays, wiring }: {
    readonly wires: Wires;
    readonly relays: RelayClient;
    readonly wiring: Pick<Wiring, "wireShared" | "wireStderr">;
  },
): ProcessPorts {
  const { run, pattern } = process;
  const { actor } = run;
  const inputFds = new Map<string, number>();
  const inputPaths = new Map<string, string>();
  for (const [port, fd] of numberInputs(actor)) {
    const given = wireInput(process, { port, wires }) ??
      wiring.wireShared(run, { actor: pattern, port }, wires);
    if (typeof given === "string") inputPaths.set(port, given);
    if (typeof given !== "number") continue;
    wires.fds.set(fd, given);
    inputFds.set(port, fd);
  }
  for (const { name: port, isFile } of actor.inputs) {
    if (isFile !== true || port === "stdin") continue;
    const path = wireInput(process, { port, wires }) ??
      wiring.wireShared(run, { actor: pattern, port }, wires);
    if (typeof path === "string") inputPaths.set(port, path);
  }
  wireOutputs(process, { wires, relays, wireStderr: (wires) => wiring.wireStderr(run.process, wires) });
  return { inputFds, inputPaths, outputFds: new Map(actor.outputs.map(({ name, fd }) => [name, fd])) };
}

/** Makes ready an input that comes from another process of the member; gives the descriptor, or the path of a file. */
function wireInput(
  { run, pattern, member, ways }: MemberProcess,
  { port, wires }: { readonly port: string; readonly wires: Wires },
): number | string | undefined {
  const [from] = ways.plan.inputs.get(streamKey({ actor: pattern, port }))?.streams ?? [];
  if (from === undefined) return undefined;
  const path = ownFileOf({ pattern, member, ways }, port);
  if (path !== undefined) {
    if (port !== "stdin") return path;
    const fd = openFile(path, "read");
    run.feeds.push({ kind: "file", fd });
    wires.notStarted.push(() => closeFile(fd));
    return fd;
  }
  const pipe = member.pipes.get(streamKey(from));
  const writer = member.runs.get(from.actor);
  if (pipe === undefined || writer === undefined) throw new Error(`No pipe for ${run.actor.name}`);
  run.pipesIn.push({ pipe, writer });
  run.feeds.push({ kind: "unseen" });
  wires.started.push(() => pipe.readerStarted());
  return pipe.readFd;
}

/** The file of an input that comes from other processes of the member; undefined where it is a pipe, or comes from elsewhere. */
export function ownFileOf(
  { pattern, member, ways: { plan, findRecords } }: Omit<MemberProcess, "run">,
  port: string,
): string | undefined {
  const input = streamKey({ actor: pattern, port });
  const [from, ...others] = plan.inputs.get(input)?.streams ?? [];
  if (from === undefined) return undefined;
  if (others.length > 0) return member.files.get(joinedKey(input))?.path;
  return member.files.get(streamKey(from))?.path ?? findRecords(streamKey(from), member.index);
}

/** The actor of a stream, or of an input, by its key: a name may have blanks, a port has none. */
export function actorOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf(" "));
}

/** Where the file of an input is among those of a member that is put together of several streams. */
export function joinedKey(input: string): string {
  return `joined ${input}`;
}

function wireOutputs(
  process: MemberProcess,
  { wires, relays, wireStderr }: {
    readonly wires: Wires;
    readonly relays: RelayClient;
    readonly wireStderr: (wires: Wires) => void;
  },
): void {
  const { run, pattern, member, ways: { pool, plan, streams, teller, cached, isPatient } } = process;
  const ports = new Map([
    ["stdout", 1],
    ["stderr", 2],
    ...run.actor.outputs.map(({ name, fd }) => [name, fd] as const),
  ]);
  const again: (number | undefined)[] = [];
  for (const [port, fd] of ports) {
    const key = streamKey({ actor: pattern, port });
    const output: MemberOutput = plan.outputs.get(key) ?? { way: "unread" };
    const at = streams.findIndex((stream) => stream.key === key);
    const cachedPath = cached?.fileFor(run, port);
    if (cachedPath !== undefined) {
      wireFile(cachedPath, { fd, wires });
      continue;
    }
    switch (output.way) {
      case "unread":
        if (port === "stderr") wireStderr(wires);
        else wires.fds.set(fd, openNull());
        break;
      case "pipe":
        wirePipe(process, { key, fd, wires });
        break;
      case "file": {
        const path = member.files.get(key)?.path;
        if (path === undefined) throw new Error(`No file for ${run.actor.name}`);
        wireFile(path, { fd, wires });
        break;
      }
      case "out": {
        const known = member.outs.get(key);
        member.outs.delete(key);
        const pipe = known === undefined ? makeEnginePipe("read") : { readFd: undefined, writeFd: known };
        again[at] = pipe.readFd;
        wires.fds.set(fd, pipe.writeFd);
        const { stream } = streams[at] ?? {};
        run.gate.add({
          isLive: true,
          close: () => undefined,
          drain: () => undefined,
          hasLostReaders: () => stream !== undefined && relays.isLost(stream),
          countBytes: () => undefined,
        });
        wires.started.push(() => closeFd(pipe.writeFd));
        wires.notStarted.push(() =>
          [pipe.writeFd, pipe.readFd].forEach((end) => end === undefined ? 0 : closeFd(end))
        );
      }
    }
  }
  if (streams.length === 0) return; // Nobody outside can hold it up.
  wires.started.push(() => {
    const { pid, open } = run.process;
    const { untold } = member;
    member.untold = undefined;
    const outFds = untold ?? again;
    teller.open(member, {
      pool,
      opened: { copy: member.index, inFd: undefined, outFds, pid, pipes: [...open.pipes.keys()] },
      isUrgent: !isPatient || outFds.includes("later"),
    });
  });
}

interface MemberStream {
  readonly key: string;
  readonly fd: number;
  readonly wires: Wires;
}

function wirePipe({ run, member }: MemberProcess, { key, fd, wires }: MemberStream): void {
  const pipe = member.pipes.get(key);
  if (pipe === undefined) throw new Error(`No pipe from ${run.actor.name}`);
  wires.fds.set(fd, pipe.writeFd);
  run.gate.add(pipe);
  run.pipesOut.push({ pipe, fd });
  wires.started.push(() => pipe.writerStarted());
}

function wireFile(path: string, { fd, wires }: Omit<MemberStream, "key">): void {
  const file = openFile(path, "write");
  wires.fds.set(fd, file);
  wires.started.push(() => closeFile(file));
  wires.notStarted.push(() => closeFile(file));
  wires.givenWhole.push(path);
}
