/**
 * The message actors of one run: their thread, their processes, and what is told of them.
 *
 *   thread: who gets what, who lives ──start, drain, restart──▶ MessageProcesses ──opened, ended──▶ thread
 *                                    ──life, dead, broken─────▶ events, failures
 */
import type { Failure, Room } from "../core/failure.ts";
import type { Actor } from "../core/flow.ts";
import { isMessageActor } from "../core/flow.ts";
import type { Tracing } from "../core/messaging.ts";
import type { Plan } from "../core/plan.ts";
import type { ActorResult } from "../core/result.ts";
import { isRemoteWord, type RemoteWord } from "../message/link/remote_link.ts";
import type { MessageCounts } from "../message/mail/message_report.ts";
import type { ProcessLife } from "../process/life/process_life.ts";
import type { ProcessRun } from "../process/state/process_run.ts";
import type { ProcessStopper } from "../process/stop/process_stopper.ts";
import type { RunFolder } from "../process/start/run_folder.ts";
import type { GrowingLog } from "./logs/growing_log.ts";
import { MessageClient } from "./messages/message_client.ts";
import { MessageProcesses } from "./messages/message_processes.ts";
import type { MessageReport, MessageSetup } from "./messages/message_protocol.ts";
import { aliasesOf, toSetup } from "./messages/message_setup.ts";
import { findUpstream, wireMessages } from "./messages/message_wiring.ts";
import type { RelayClient } from "./relays/relay_client.ts";
import type { RemoteGateway } from "./remotes/remote_gateway.ts";
import type { RunRemotes } from "./remotes/run_remotes.ts";
import type { RunCapture } from "./capture/run_capture.ts";
import type { RunState } from "./state/run_state.ts";
import type { CheckSchemas } from "./state/run_options.ts";
import { SpawnedActors } from "./spawned/spawned_actors.ts";
import type { Wiring } from "./wiring/wiring.ts";

export interface MessageRunOptions {
  readonly state: RunState;
  readonly relays: RelayClient;
  readonly wiring: Wiring;
  readonly folder: RunFolder;
  readonly capture: RunCapture | undefined;
  readonly lives: ProcessLife;
  readonly stopper: ProcessStopper;
  /** The streams of the flow that are kept, by name. */
  readonly kept: ReadonlyMap<string, GrowingLog>;
  /** Somebody wants to follow every message. */
  readonly tracing: Tracing;
  /** Finds what is wrong with the schemas of actors: messages are held against them. */
  readonly checkSchemas: CheckSchemas | undefined;
  /** The connections to other programs, of a flow that has some. */
  readonly gateway: RemoteGateway | undefined;
  readonly RunRemotes: typeof RunRemotes | undefined;
  /** Somebody looks at the mailboxes. */
  readonly isWatched: boolean;
  /** The flow does not end by itself. */
  readonly isServing: boolean;
  /** An actor says that the run is over. */
  readonly onFinish: (messages: { readonly finish: () => void }) => void;
  /** The database that keeps messages and states. */
  readonly journal: MessageSetup["journal"];
  readonly room: Room;
}

/** Makes ready what the message actors of a plan need. */
export function startMessages(plan: Plan, options: MessageRunOptions): MessageRun {
  return new MessageRun(plan, options);
}

export class MessageRun {
  readonly #plan: Plan;
  readonly #options: MessageRunOptions;
  readonly #actors: readonly Actor[];
  readonly #client: MessageClient;
  readonly #processes: MessageProcesses;
  readonly #spawned: SpawnedActors;
  readonly #remotes: RunRemotes | undefined;
  readonly #started = new Map<string, number>();
  readonly #failed = new Set<string>();
  readonly #broken = new Set<string>();
  /** Who has said that the run is over; true when it said that it has failed. */
  readonly #finishing = new Map<string, boolean>();
  #counts: readonly MessageCounts[] = [];
  #isFinished = false;

  constructor(plan: Plan, options: MessageRunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#actors = plan.actors.filter(isMessageActor);
    const { state, folder, tracing, isServing, isWatched, checkSchemas } = options;
    this.#client = new MessageClient({
      run: state.id,
      actors: this.#actors.flatMap((actor) => toSetup(actor, plan) ?? []),
      hasStrangers: plan.flow.endpoint !== undefined,
      aliases: aliasesOf(plan),
      upstream: findUpstream(plan),
      tracing,
      isChecked: checkSchemas !== undefined,
      isWatched,
      isServing,
      journal: options.journal,
      folder: folder.path,
      limits: options.room,
    }, { onReport: (report) => this.#hear(report), onError: (error) => state.reportBug(error) });
    const parts = { ...options, client: this.#client };
    this.#processes = new MessageProcesses(parts);
    this.#spawned = new SpawnedActors({ ...parts, flow: plan.flow, kept: options.kept });
    const { gateway, RunRemotes: Remotes } = options;
    this.#remotes = gateway && Remotes && new Remotes(plan, { ...parts, gateway });
  }

  /** True when nothing is left to be done. */
  get isDone(): boolean {
    return this.#isFinished;
  }

  get isServing(): boolean {
    return this.#options.isServing;
  }

  /** The processes of message actors that run. */
  get processes(): readonly ProcessRun[] {
    return this.#processes.processes;
  }

  start(): void {
    const { wiring, relays, capture } = this.#options;
    for (const { name } of this.#actors) wiring.actors.get(name)?.pool(Date.now());
    wireMessages(this.#plan, { relays, capture, client: this.#client, actors: wiring.actors });
    this.#client.say({ type: "begin" });
  }

  /** Everybody is told to end, as at the end of the flow. */
  finish(): void {
    this.#client.say({ type: "finish" });
  }

  /** The run ends everybody by signals. */
  halt(): void {
    this.#client.say({ type: "halt" });
  }

  /** Ends the thread; everything it has told is heard. */
  async stop(): Promise<void> {
    this.#remotes?.close();
    await this.#client.stop();
  }

  /** Lets go of what nobody has read, and of what actors have shared. */
  close(): void {
    this.#spawned.close();
    this.#processes.close();
  }

  /** The results of the actors, when everything has ended. */
  conclude(): void {
    const { wiring, state, relays, capture } = this.#options;
    for (const { name } of [...this.#actors, ...this.#spawned.actors.values()]) {
      const run = wiring.actors.get(name);
      if (run?.phase.phase !== "pooled") continue;
      const { startedAt } = run.phase;
      const endedAt = Date.now();
      const counts = this.#counts.find(({ actor }) => actor === name);
      const end = this.#failed.has(name) ? "failed" : state.isStopping ? "stopped" : "done";
      const result: ActorResult = {
        state: end,
        processes: this.#started.get(name) ?? 0,
        startedAt,
        endedAt,
        durationMs: endedAt - startedAt,
        ...(counts === undefined ? {} : { messagesIn: counts.messagesIn, messagesOut: counts.messagesOut }),
        bytesIn: run.countBytesIn({
          ofEdges: (edges) => relays.countGiven(edges),
          ofFile: () => undefined,
        }),
        bytesOut: run.gate.countBytes(),
        peakMemoryBytes: run.process.peakMemoryBytes,
      };
      run.end(result);
      if (end === "done") capture?.noteFinished(name);
      state.emit({ type: "actor-ended", actor: name, result });
    }
  }

  #hear(report: Exclude<MessageReport, { type: "stopped" }>): void {
    if (this.#remotes?.hear(report) !== true && !isRemoteWord(report)) this.#heed(report);
  }

  #heed(report: Exclude<MessageReport, { type: "stopped" } | RemoteWord>): void {
    const { state } = this.#options;
    switch (report.type) {
      case "start":
        return this.#start(report);
      case "drain":
        return this.#processes.drain(report.process);
      case "kill":
        return this.#processes.kill(report.process);
      case "restart": {
        const { type: _, place, ...event } = report;
        const failure = this.#takeFailure(place);
        return state.emit({
          type: "actor-restarted",
          ...event,
          ...(failure === undefined ? {} : { failure }),
        });
      }
      case "failed":
        return this.#fail(report);
      case "counts":
        this.#counts = report.actors;
        for (const lost of report.lost) state.noteFailure({ kind: "message", ...lost });
        return;
      case "spawn":
        return state.track(this.#spawned.spawn(report));
      case "read-spawned":
        return this.#spawned.read(report.name);
      case "stop-spawned":
        return this.#spawned.stop(report.name);
      case "finished":
        this.#isFinished = true;
        this.#spawned.stopAll();
        return state.change();
      case "finish":
        return this.#finish(report);
      case "cut":
        return this.#cut(report);
      case "message-broken":
        return this.#tellBroken(report);
      case "no-room":
        this.#failed.add(report.actor);
        return state.fail({
          kind: "mailbox",
          what: report.what,
          actor: report.actor,
          cause: report.cause,
          room: this.#options.room,
        });
      case "no-journal": {
        const { errno, reason } = report;
        return state.noteFailure({ kind: "capture", file: this.#options.journal?.file ?? "", errno, reason });
      }
      case "starved":
        this.#failed.add(report.actor);
        return state.fail({ kind: "starved", actor: report.actor, messages: report.most });
      default:
        return this.#options.state.emit(report);
    }
  }

  #start({ place, actor: name, key }: Extract<MessageReport, { type: "start" }>): void {
    const { state } = this.#options;
    const actor = this.#spawned.find(name);
    if (actor === undefined || state.isStopping) return this.#client.say({ type: "not-started", place });
    this.#started.set(name, (this.#started.get(name) ?? 0) + 1);
    state.track(this.#processes.start(actor, { place, ...(key === undefined ? {} : { key }) }));
  }

  #takeFailure(place: number): Failure | undefined {
    const failure = this.#processes.failures.get(place);
    this.#processes.failures.delete(place);
    return failure;
  }

  #fail({ place, unread }: Extract<MessageReport, { type: "failed" }>): void {
    const failure = this.#takeFailure(place) ??
      (unread === undefined ? undefined : { kind: "unread", ...unread } as const);
    if (failure === undefined || this.#options.state.isStopping) return;
    if ("actor" in failure && failure.actor !== undefined) this.#failed.add(failure.actor);
    this.#options.state.fail(failure);
  }

  /** A pipe was not carried on: its process has failed; without one, who reads or writes there is not whole. */
  #cut({ actor, process, place, does, ...error }: Extract<MessageReport, { type: "cut" }>): void {
    const port = does === "reads" ? "stdin" : "stdout";
    const failure: Failure = { kind: "edge", actor, port, does, errno: error.errno, reason: error.reason };
    if (process !== undefined && place !== undefined) return this.#processes.cut(process, { place, failure });
    this.#failed.add(actor);
    this.#options.state.fail(failure);
  }

  /** The run is over, because an actor says so; whether it has failed is the actor's to say as well. */
  #finish({ actor, code, reason }: Extract<MessageReport, { type: "finish" }>): void {
    const { state, onFinish } = this.#options;
    // It may say so to each message that still comes, and so may each of its processes.
    const hasFailed = this.#finishing.get(actor);
    if (hasFailed === undefined) state.emit({ type: "finishing", actor, reason, code });
    if (code !== 0 && hasFailed !== true) state.noteFailure({ kind: "finish", actor, code, reason });
    this.#finishing.set(actor, hasFailed === true || code !== 0);
    onFinish(this);
  }

  /** A line that is no envelope is a failure of its actor; the run goes on. */
  #tellBroken(event: Extract<MessageReport, { type: "message-broken" }>): void {
    const { state } = this.#options;
    const { actor, problem, line } = event;
    state.emit(event);
    if (this.#broken.has(actor)) return;
    this.#broken.add(actor);
    state.noteFailure({ kind: "envelope", actor, problem, line });
  }
}
