/** A link that the system does not carry on is a failure of its actor; the other actors and the thread go on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { BlockStore } from "../../../lib/data/block_store.ts";
import { closeFd } from "../../../lib/host/descriptors/descriptors.ts";
import { systemError } from "../../../lib/host/errno.ts";
import { PortableIo } from "../../../lib/host/descriptor_io/portable_io.ts";
import type { DescriptorIo } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import { PipeLinks, type ProcessPipes } from "../../../lib/message/link/pipe_link.ts";
import { NOTHING_LEFT } from "../../../lib/message/mail/journal.ts";
import { MessageEngine } from "../../../lib/message/message_engine.ts";
import type { MessageReport } from "../../../lib/message/mail/message_report.ts";
import { makeTestPipe } from "../../pipe/pipe_ends.ts";
import { MESSAGING } from "../actors.ts";

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An engine with the actors a and b over real pipes; one call of the system fails at one descriptor. */
class Rig {
  readonly told: MessageReport[] = [];
  readonly links: PipeLinks;
  readonly engine: MessageEngine;
  readonly #failing = new Map<string, number>();

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "test-of-pipes-"));
    const real = new PortableIo();
    const io: DescriptorIo = new Proxy<DescriptorIo>(real, {
      get: (_, name) => {
        const value: unknown = Reflect.get(real, name);
        if (typeof value !== "function") return value;
        return (...words: unknown[]): unknown => {
          if (this.#failing.get(String(name)) === words[0]) throw systemError("EIO", String(name));
          return Reflect.apply(value, real, words);
        };
      },
    });
    this.links = new PipeLinks(io);
    const blocks = new BlockStore({ io, folder, name: "messages", memoryBytes: 0, spillBytes: 1024 });
    this.engine = new MessageEngine({
      run: "run",
      actors: ["a", "b"].map((name) => ({ name, messaging: MESSAGING, subscribe: [], isEager: true })),
      aliases: new Map(),
      hasStrangers: false,
      tracing: "off",
      checks: undefined,
      memoryBytes: 1024 * 1024,
      blocks,
      journal: undefined,
      leftover: NOTHING_LEFT,
      stateSpill: { put: () => undefined, get: () => undefined },
      doingOf: () => "unknown",
      isBlind: false,
      tell: (report) => this.told.push(report),
    }, io);
    closers.push(() => {
      this.engine.close();
      blocks.close();
      real.end();
      rmSync(folder, { recursive: true, force: true });
    });
    this.engine.begin();
  }

  fail(call: keyof DescriptorIo, fd: number): void {
    this.#failing.set(call, fd);
  }

  /** A process is there: gives the engine's ends of its pipes. */
  open(place: number): ProcessPipes {
    const [input, output] = [makeTestPipe(), makeTestPipe()];
    closers.push(() => closeFd(input.readFd), () => closeFd(output.writeFd));
    const ends = { inFd: input.writeFd, outFd: output.readFd };
    this.engine.open({ id: place, place, pid: 0, link: this.links.open(ends) });
    return ends;
  }

  turn(): void {
    for (let turns = 0; turns < 5; turns++) this.engine.turn();
  }

  of(type: MessageReport["type"]): readonly MessageReport[] {
    return this.told.filter((report) => report.type === type);
  }
}

const CUTS = [
  { call: "read", end: "outFd", does: "writes" },
  { call: "write", end: "inFd", does: "reads" },
] as const;

test.each(CUTS)("a process whose pipe fails to $call has failed", ({ call, end, does }) => {
  const rig = new Rig();
  const ends = rig.open(0);
  rig.open(1);
  rig.fail(call, ends[end]);
  rig.turn();
  const told = { type: "cut", actor: "a", process: 0, place: 0, does, errno: "EIO" };
  expect(rig.of("cut")).toEqual([{ ...told, reason: expect.stringContaining("input/output error") }]);
  // However it ends then, that is a failure.
  rig.engine.ended(0, { isFailure: false, isStopped: false });
  rig.turn();
  expect(rig.of("failed")).toMatchObject([{ place: 0 }]);
  expect([...rig.engine.parts.links.processes.keys()]).toEqual([1]);
});

test("records that cannot be read are a failure of their actor", () => {
  const rig = new Rig();
  const { readFd, writeFd } = makeTestPipe();
  closers.push(() => closeFd(writeFd));
  rig.fail("read", readFd);
  rig.engine.feed("b", rig.links.openIn(readFd));
  rig.turn();
  expect(rig.of("cut")).toMatchObject([{ actor: "b", does: "reads", errno: "EIO" }]);
  expect(rig.engine.parts.links.feeds.size).toBe(0);
});

test("records that cannot be written are a failure of their actor", () => {
  const rig = new Rig();
  rig.open(0);
  const { readFd, writeFd } = makeTestPipe();
  closers.push(() => closeFd(readFd));
  rig.engine.stream("a", rig.links.openOut(writeFd));
  rig.fail("write", writeFd);
  const [process] = rig.engine.parts.links.processes.values();
  if (process === undefined) throw new Error("no process");
  rig.engine.parts.base.streams.write(process, new Uint8Array([0x31]));
  rig.turn();
  expect(rig.of("cut")).toMatchObject([{ actor: "a", does: "writes", errno: "EIO" }]);
  expect(rig.engine.parts.base.streams.byActor.get("a")).toMatchObject({ isEnded: true });
});
