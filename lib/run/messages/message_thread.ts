/**
 * The thread through which all messages of a run go. It is one loop: do what the run says, do what can be done, wait.
 * Started by `message_client.ts`.
 */
import { join } from "node:path";
import { receiveMessageOnPort } from "node:worker_threads";
import { SILENT_BLIND_MS, SILENT_MS, UNHEARD_MAX } from "../../core/limits/message.ts";
import type { ThreadPort } from "../../host/threads/engine_thread.ts";
import { serveThread } from "../../host/threads/engine_thread.ts";
import { BlockStore } from "../../data/block_store.ts";
import { DatabaseError } from "../../host/files/database.ts";
import { waitUntilHeard } from "../../host/threads/heard.ts";
import { openDescriptorIo } from "../../host/descriptor_io/open_descriptor_io.ts";
import { isLinux } from "../../host/runtime.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { ActorProcess } from "../../message/actors/actor_process.ts";
import type { Doing } from "../../message/actors/doing.ts";
import type { MessageChecks } from "../../message/checks/message_checks.ts";
import { PipeLinks } from "../../message/link/pipe_link.ts";
import { RemoteLinks } from "../../message/link/remote_link.ts";
import { MailboxWatch } from "../../message/mailbox_watch.ts";
import { QuietWatch } from "../../message/quiet_watch.ts";
import type { Journal } from "../../message/mail/journal.ts";
import { NOTHING_LEFT } from "../../message/mail/journal.ts";
import { MessageEngine } from "../../message/message_engine.ts";
import { readWaits } from "../../process/proc/blocked.ts";
import { canLook, isLiving, readDescriptor } from "../../process/proc/process_table.ts";
import type { SpawnAnswer } from "../../message/system/spawn_actor.ts";
import { MessageJournal } from "../../store/message_journal.ts";
import { SpilledStates } from "../../store/spilled_states.ts";
import { toJournal, toLeftover } from "./kept_messages.ts";
import type { MessageCommand, MessageReport, MessageSetup } from "./message_protocol.ts";

class MessageThread {
  readonly #setup: MessageSetup;
  readonly #port: ThreadPort<readonly MessageReport[]>;
  readonly #io: DescriptorIo;
  readonly #links: PipeLinks;
  readonly #remotes = new RemoteLinks((word) => this.#said.push(word));
  readonly #engine: MessageEngine;
  readonly #end: QuietWatch;
  readonly #mailboxes: MailboxWatch | undefined;
  readonly #blocks: BlockStore;
  readonly #states: SpilledStates;
  readonly #journal: Journal | undefined;
  readonly #wakeBuffer = new Uint8Array(4096);
  #said: MessageReport[] = [];
  #told = 0;
  #phase: "serving" | "ending" | "finished" | "stopped" = "serving";
  #hasBegun = false;
  #hasTold = false;

  constructor(
    setup: MessageSetup,
    { port, io, checks }: {
      readonly port: ThreadPort<readonly MessageReport[]>;
      readonly io: DescriptorIo;
      readonly checks: MessageChecks | undefined;
    },
  ) {
    this.#setup = setup;
    this.#port = port;
    this.#io = io;
    this.#links = new PipeLinks(io);
    if (setup.wakeFd !== undefined) io.watch(setup.wakeFd);
    const kept = this.#openJournal();
    this.#journal = kept === undefined ? undefined : toJournal(kept, (error) => this.#tellNoJournal(error));
    // Messages in memory are counted where they wait: blocks are on disk.
    this.#blocks = new BlockStore({
      io,
      folder: setup.folder,
      name: "messages",
      memoryBytes: 0,
      spillBytes: setup.limits.spill,
    });
    this.#states = new SpilledStates({
      file: join(setup.folder, "states"),
      bytesMax: setup.limits.spill,
    });
    const isSeen = canLook();
    const isBlind = isLinux && !isSeen;
    const isGone = ({ pid, isRemote }: ActorProcess): boolean => isSeen && !isRemote && !isLiving(pid);
    // One that has ended, though something has its pipes still, waits for nothing: its end is to be told.
    const lookAt = (process: ActorProcess): Doing => isGone(process) ? "busy" : doingOf(process);
    this.#engine = new MessageEngine({
      ...setup,
      isBlind,
      checks,
      memoryBytes: setup.limits.memory,
      blocks: this.#blocks,
      journal: this.#journal,
      leftover: kept === undefined ? NOTHING_LEFT : toLeftover(kept, (error) => this.#tellNoJournal(error)),
      stateSpill: this.#states,
      doingOf: lookAt,
      tell: (report) => this.#said.push(report),
    }, io);
    this.#end = new QuietWatch(this.#engine.parts, {
      doingOf: lookAt,
      isGone,
      silentMs: isBlind ? SILENT_BLIND_MS : SILENT_MS,
      upstream: setup.upstream,
    });
    const { directory } = this.#engine.parts.base;
    if (setup.isWatched) this.#mailboxes = new MailboxWatch(() => directory.actors.values());
  }

  #openJournal(): MessageJournal | undefined {
    const { journal } = this.#setup;
    try {
      return journal === undefined ? undefined : new MessageJournal(journal.file, journal);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.#tellNoJournal(error);
      return undefined;
    }
  }

  #tellNoJournal({ problem, message }: DatabaseError): void {
    this.#said.push({ type: "no-journal", errno: problem === "full" ? "ENOSPC" : "EIO", reason: message });
  }

  run(): void {
    for (;;) {
      this.#hear();
      if (this.#phase === "stopped") break;
      const isIdle = this.#engine.turn();
      if (isIdle) this.#lookForEnd();
      const seen = this.#mailboxes?.look(performance.now());
      if (seen !== undefined) this.#said.push(seen);
      this.#report();
      const ready = this.#io.wait(isIdle ? this.#timeout() : 0);
      if (ready.length > 0) this.#end.stir(performance.now());
      for (const one of ready) {
        if (one.fd === this.#setup.wakeFd) this.#io.read(one.fd, this.#wakeBuffer);
        else this.#links.note(one);
      }
      this.#engine.lookAgain();
    }
    this.#tellCounts();
    this.#engine.close();
    this.#blocks.close();
    this.#states.close();
    this.#journal?.close();
    if (this.#setup.wakeFd !== undefined) this.#io.close(this.#setup.wakeFd);
    this.#io.end();
    this.#said.push({ type: "stopped" });
    this.#report();
  }

  #hear(): void {
    for (
      let word = receiveMessageOnPort(this.#port.port);
      word !== undefined;
      word = receiveMessageOnPort(this.#port.port)
    ) {
      this.#end.stir(performance.now());
      // Only the client of this file writes to the port.
      for (const command of word.message as readonly MessageCommand[]) this.#obey(command);
    }
  }

  #obey(command: MessageCommand): void {
    const engine = this.#engine;
    const { places, spawn } = engine.parts;
    switch (command.type) {
      case "begin":
        this.#hasBegun = true;
        return engine.begin();
      case "opened":
        return engine.open({ ...command, link: this.#links.open(command) });
      case "opened-remote":
        return engine.open({ ...command, pid: 0, link: this.#remotes.open(command.id) });
      case "remote-came":
      case "remote-took":
        return this.#remotes.note(command);
      case "remote-state":
        return engine.noteOnline(command.actor, command.isOnline);
      case "not-started":
        return places.notStarted(command.place);
      case "ended":
        return engine.ended(command.process, command);
      case "feed":
        return engine.feed(command.actor, this.#links.openIn(command.fd));
      case "stream":
        return engine.stream(command.actor, this.#links.openOut(command.fd));
      case "spawned":
        return spawn.answer(command.request, this.#toLinks(command.answer));
      case "spawned-ended":
        return spawn.noteEnded(command.name, command);
      case "finish":
        return this.#finish({ isAsked: true });
      case "halt":
        places.isEnding = places.isHalted = true;
        return;
      case "stop":
        this.#phase = "stopped";
        return;
    }
  }

  /** What a process that was spawned writes comes to the bus over a link. */
  #toLinks(answer: SpawnAnswer<number>): SpawnAnswer {
    return answer.kind === "bytes" ? { ...answer, output: this.#links.openIn(answer.output) } : answer;
  }

  #lookForEnd(): void {
    if (!this.#hasBegun) return;
    if (this.#phase === "serving" && !this.#setup.isServing && this.#end.look()) {
      this.#finish({ isAsked: false });
    }
    if (this.#phase !== "ending" || !this.#engine.hasEnded) return;
    this.#phase = "finished";
    this.#tellCounts();
    this.#said.push({ type: "finished" });
  }

  #tellCounts(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const { counts, lost } = this.#engine;
    this.#said.push({ type: "counts", actors: counts, lost });
  }

  #finish(ending: { readonly isAsked: boolean }): void {
    if (this.#phase !== "serving") return;
    this.#phase = "ending";
    this.#engine.shutDown(ending);
  }

  #timeout(): number {
    const timeouts = [this.#engine.timeout()];
    if (this.#phase === "serving" && this.#hasBegun && !this.#setup.isServing) {
      timeouts.push(this.#end.timeout);
    }
    if (this.#phase === "ending" && this.#engine.hasEnded) timeouts.push(0);
    if (this.#mailboxes !== undefined) timeouts.push(this.#mailboxes.timeout(performance.now()));
    const known = timeouts.filter((ms) => ms >= 0);
    return known.length === 0 ? -1 : Math.min(...known);
  }

  /**
   * What was said in one go wakes the run once. When the run is behind, because every step of every message is to be
   * told and somebody takes his time for it, the messages wait for it.
   */
  #report(): void {
    if (this.#said.length === 0) return;
    this.#port.say(this.#said);
    this.#told += this.#said.length;
    this.#said = [];
    waitUntilHeard(this.#setup.heard, { told: this.#told, unheardMax: UNHEARD_MAX });
  }
}

/** Whether a process waits for its input and can do nothing else. */
function doingOf({ pid, stdin, isRemote }: ActorProcess): Doing {
  if (isRemote) return "unknown";
  const pipe = stdin.isClosed || stdin.link.fd === undefined
    ? undefined
    : readDescriptor("self", stdin.link.fd);
  const found = readWaits(pid, new Set(pipe === undefined ? [] : [pipe]));
  if (found.kind === "unknown") return "unknown";
  if (found.kind === "busy") return "busy";
  const reads = found.at.some((wait) => wait.does === "read" && wait.pipe === pipe && !wait.isEdge);
  return reads && !found.isUnsure ? "reading" : "unknown";
}

/** A run whose messages are held against nothing loads nothing for it. */
async function loadChecks(): Promise<MessageChecks> {
  const { MessageChecks } = await import("../../message/checks/message_checks.ts");
  const { compileSchema } = await import("../../data/json_schema.ts");
  return new MessageChecks(compileSchema);
}

serveThread<MessageSetup, readonly MessageReport[]>(async (setup, port) => {
  const checks = setup.isChecked ? await loadChecks() : undefined;
  new MessageThread(setup, { port, io: openDescriptorIo(setup), checks }).run();
});
