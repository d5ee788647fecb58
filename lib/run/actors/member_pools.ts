/**
 * The actors over sets of streams in a run: starts the processes of each member that the relays want, those that read
 * files of others when these have ended, and gives the verdict on the whole. Of a member that has ended nothing is kept.
 *
 *   relays: "copy wanted", with its record ─▶ MemberRun ─▶ all of its processes have ended ─▶ relays: "copy ended"
 *   relays: "pool ended"                   ─▶ no record is left, and no member
 */
import { streamKey } from "../../core/flow.ts";
import type { FlowOutput, MemberRecord } from "../../core/flow.ts";
import type { MemberPool, Plan } from "../../core/plan.ts";
import { Deque } from "../../data/deque.ts";
import { planMember } from "../../graph/plan_member.ts";
import type { MemberJournal } from "../../store/member_journal.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import { ActorRun } from "../state/actor_run.ts";
import { MemberTally } from "../state/member_tally.ts";
import { MemberRun } from "../state/member_run.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RunState } from "../state/run_state.ts";
import type { CachedMembers } from "../cache/cached_members.ts";
import { concludeMembers, type EndedMembers } from "./conclude_members.ts";
import { beginMember } from "./kept_members.ts";
import { abandonProcess, closeUntold, finishMember, giveFiles } from "../wiring/finish_member.ts";
import { findRecords } from "../wiring/key_folders.ts";
import { readsJoined } from "../wiring/join_inputs.ts";
import { prepareProcess } from "../wiring/prepare_process.ts";
import { listWritten } from "../wiring/list_written.ts";
import { MemberFiles, NoMemberFile } from "../wiring/member_files.ts";
import { MemberTeller } from "../wiring/member_teller.ts";
import type { MemberProcess, MemberWays } from "../wiring/wire_member.ts";
import { openMember, wireMember } from "../wiring/wire_member.ts";
import type { Wiring } from "../wiring/wiring.ts";

export interface MembersContext {
  readonly state: RunState;
  readonly relays: RelayClient;
  readonly wiring: Wiring;
  readonly folder: RunFolder;
  readonly capture: RunCapture | undefined;
  /** Where it is kept what members have done, so that a later run can go on. */
  readonly journal: MemberJournal | undefined;
  /** Undefined when nothing is cached. */
  readonly cached: CachedMembers | undefined;
  readonly start: (run: ActorRun) => Promise<void>;
}

interface WaitingRecord {
  readonly index: number;
  readonly record: MemberRecord;
}

/** A pool that is open. */
interface OpenPool extends EndedMembers {
  readonly pool: MemberPool;
  readonly ways: MemberWays;
  readonly members: Map<number, MemberRun>;
  /** Records that wait for the end of another one. */
  readonly waiting: Deque<WaitingRecord>;
}

export class MemberPools {
  readonly #plan: Plan;
  readonly #context: MembersContext;
  readonly #files: MemberFiles;
  readonly #teller: MemberTeller;
  readonly #open = new Map<number, OpenPool>();

  constructor(plan: Plan, context: MembersContext) {
    this.#plan = plan;
    this.#context = context;
    this.#files = new MemberFiles({ run: context.state.id, folder: context.folder });
    this.#teller = new MemberTeller(context.relays);
  }

  /** The processes that may live now. */
  listLive(): readonly ActorRun[] {
    return [...this.#open.values()].flatMap(({ members }) =>
      [...members.values()].flatMap(({ live }) => [...live])
    );
  }

  /** Begins to take the records of a pool, which goes by its first actor. */
  open(first: ActorRun): void {
    const { state, relays, wiring, folder, journal, cached } = this.#context;
    const pool = this.#plan.memberPools.find(({ actors }) => actors[0]?.name === first.actor.name);
    if (pool === undefined) throw new Error(`${first.actor.name} leads no pool`);
    const id = relays.poolOf(first.actor.name);
    const names = new Set(pool.actors.map(({ name }) => name));
    const streams = relays.streams.flatMap((stream) => {
      const from = stream.edges[0]?.from;
      return from !== undefined && names.has(from.actor) ? [{ key: streamKey(from), stream }] : [];
    });
    const patterns = pool.actors.flatMap(({ name }) => wiring.actors.get(name) ?? []);
    const startedAt = Date.now();
    const counts = new Map(pool.actors.map(({ name }) => [name, new MemberTally()]));
    this.#open.set(id, {
      pool,
      ways: {
        pool: id,
        plan: planMember(pool, { ...this.#plan, isKept: journal !== undefined }),
        streams,
        folder: folder.path,
        journal,
        teller: this.#teller,
        cached,
        findRecords: findRecords(this.#plan, folder.path),
        isPatient: !pool.isWithheld,
      },
      patterns,
      startedAt,
      members: new Map(),
      waiting: new Deque(),
      counts,
    });
    state.takePlaces(1);
    for (const run of patterns) {
      run.pool(startedAt, counts.get(run.actor.name));
      wiring.openPool(run);
    }
    relays.openPool(id);
  }

  /** How many are open; each counts as one that runs, and takes no place from others. */
  get count(): number {
    return this.#open.size;
  }

  /** Starts the processes of a record, as soon as there is a place for them. */
  add(id: number, index: number, record: MemberRecord): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    open.waiting.push({ index, record });
    this.#startNext(open);
  }

  #startNext(open: OpenPool): void {
    while (open.members.size < open.pool.count || this.#context.state.isStopping) {
      const next = open.waiting.shift();
      if (next === undefined) return;
      this.#begin(open, next);
    }
  }

  #begin(open: OpenPool, { index, record }: WaitingRecord): void {
    const { state, relays } = this.#context;
    const id = open.ways.pool;
    const member = state.isStopping ? undefined : this.#make(open, index, record);
    if (member === undefined) return relays.endCopy(id, { copy: index, pid: undefined, how: "failed" });
    open.members.set(index, member);
    try {
      if (beginMember(member, { ways: open.ways, flow: this.#plan.flow, record, relays })) {
        return void open.members.delete(index);
      }
      const openTarget = (output: FlowOutput) => this.#files.open(output, { record, index });
      openMember(member, open.ways, { openTarget });
    } catch (error) {
      open.members.delete(index);
      relays.endCopy(id, { copy: index, pid: undefined, how: "failed" });
      return this.#failToOpen(member, error);
    }
    for (const [pattern, run] of member.runs) {
      if ((open.ways.plan.after.get(pattern)?.size ?? 0) > 0) member.waiting.add(pattern);
      else this.#start(open, { pattern, run, member, ways: open.ways });
    }
  }

  #failToOpen(member: MemberRun, error: unknown): void {
    const { state } = this.#context;
    if (!(error instanceof NoMemberFile)) return state.reportBug(error);
    const [run] = member.runs.values();
    state.fail({ kind: "member", actor: run?.actor.name ?? "", problem: error.message });
  }

  /** Undefined when the record has no member; that is told. */
  #make({ pool, ways }: OpenPool, index: number, record: MemberRecord): MemberRun | undefined {
    const { state } = this.#context;
    const member = new MemberRun(index);
    for (const { name: pattern, members } of pool.actors) {
      const made = members?.make(record, index);
      if (made === undefined) continue;
      if (!made.ok) {
        state.fail({ kind: "member", actor: made.name, problem: made.problem });
        return undefined;
      }
      const run: ActorRun = new ActorRun(made.actor, {
        pool: ways.pool,
        index,
        member: {
          outs: ways.streams.flatMap(({ key }, at) => key.startsWith(`${pattern} `) ? [at] : []),
          wire: (wires) => wireMember({ run, pattern, member, ways }, { ...this.#context, wires }),
          end: () => this.#endProcess({ run, pattern, member, ways }),
          listWritten: () => listWritten({ pattern, member, ways }),
        },
      });
      member.runs.set(pattern, run);
      member.live.add(run);
    }
    return member;
  }

  #start({ counts }: OpenPool, process: MemberProcess): void {
    const { state, start, cached } = this.#context;
    const count = counts.get(process.pattern);
    if (count !== undefined) count.started += 1;
    const isLookedUp = cached !== undefined && process.run.actor.isCached === true;
    const isAtOnce = !isLookedUp && !readsJoined(process);
    state.track(isAtOnce ? start(process.run) : this.#prepare(process, isLookedUp ? cached : undefined));
  }

  /** Starts a process when what it reads is put together, and it is known that nothing is kept of what it would write. */
  async #prepare(process: MemberProcess, cached: CachedMembers | undefined): Promise<void> {
    const { state, start } = this.#context;
    const { run } = process;
    const fate = await prepareProcess(process, { ...this.#context, cached });
    if (fate.is === "ready" && !state.isStopping) return await start(run);
    cached?.forget(run);
    if (fate.is === "found") {
      const result = { state: "done", cached: true, bytesOut: fate.bytesOut } as const;
      run.end(result);
      state.emit({ type: "actor-ended", actor: run.actor.name, result });
    }
    this.#endProcess(process);
    state.change();
  }

  /** A process has ended for good, or could not be started. */
  #endProcess(process: MemberProcess): void {
    const { state, relays } = this.#context;
    const { run, member, pattern, ways } = process;
    const open = this.#open.get(ways.pool);
    const isWell = run.phase.phase === "ended" && run.phase.result.state === "done";
    abandonProcess(process);
    member.live.delete(run);
    if (run.phase.phase === "ended") open?.counts.get(pattern)?.noteEnded(run.phase.result);
    if (isWell) giveFiles(process, relays);
    else member.hasFailed = true;
    if (open === undefined) return;
    for (const waiting of [...member.waiting]) this.#goOn(open, { member, waiting });
    if (member.live.size > 0) return;
    const pid = run.phase.phase === "ended" ? run.phase.result.pid : undefined;
    closeUntold(member);
    const how = member.hasFailed ? "failed" : "well";
    this.#teller.end(member, { pool: ways.pool, ended: { copy: member.index, pid, how } });
    open.members.delete(member.index);
    finishMember(member, this.#context);
    if (member.hasFailed && state.isStopping) this.#close(open);
    // Its failure, which may stop the run, is told just behind this.
    queueMicrotask(() => this.#startNext(open));
  }

  /** Starts a process whose files are whole now, or lets go of it when they will never be. */
  #goOn(open: OpenPool, { member, waiting }: { readonly member: MemberRun; readonly waiting: string }): void {
    const run = member.runs.get(waiting);
    if (run === undefined) return;
    if (member.hasFailed || this.#context.state.isStopping) {
      member.waiting.delete(waiting);
      member.live.delete(run);
      abandonProcess({ run, pattern: waiting, member, ways: open.ways });
      return;
    }
    const after = open.ways.plan.after.get(waiting) ?? new Set();
    if ([...after].some((name) => member.live.has(member.runs.get(name) ?? run))) return;
    member.waiting.delete(waiting);
    this.#start(open, { pattern: waiting, run, member, ways: open.ways });
  }

  /** No record is left, and no member. */
  end(id: number): void {
    const { state, relays, capture } = this.#context;
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    concludeMembers(open, { state, relays, capture });
    state.freePlaces(1);
    this.#files.end();
    const [first] = open.patterns;
    if (first !== undefined) relays.noteEnded(first.actor.name);
    state.change();
  }

  /** The run has ended; when all is done nobody will go on with it. */
  finish({ isDone }: { readonly isDone: boolean }): void {
    if (isDone) this.#context.journal?.remove();
  }

  /** No more records are taken. */
  closeAll(): void {
    for (const open of this.#open.values()) this.#close(open);
  }

  #close(open: OpenPool): void {
    const [first] = open.patterns;
    if (first !== undefined) this.#context.wiring.edges.closePool(first);
    this.#startNext(open); // Nobody starts any more: those that wait are let go of.
  }
}
