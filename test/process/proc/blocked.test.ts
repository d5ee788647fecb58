/**
 * Real processes that wait for something, looked at until they do.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { closeFd, makePipe } from "../../../lib/host/descriptors/descriptors.ts";
import { isLinux } from "../../../lib/host/runtime.ts";
import type { PipeWait, ProcessWait } from "../../../lib/process/proc/blocked.ts";
import { readWaits } from "../../../lib/process/proc/blocked.ts";
import { isLiving, listTree, readDescriptor, readQuietly } from "../../../lib/process/proc/process_table.ts";

/** Only giving up is timed. */
const PATIENCE = { timeout: 50_000, interval: 20 };

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The pipes that are its standard input and output, as `/proc` names them. */
  readonly input: string;
  readonly output: string;
}

const children: ChildProcess[] = [];
const fds: number[] = [];

afterEach(async () => {
  await Promise.all(children.splice(0).map(end));
  for (const fd of fds.splice(0)) closeFd(fd);
});

/** Ends a process and all that it has started. */
async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("close", resolve));
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  for (const pid of listTree(child.pid)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended while we looked.
    }
  }
  await ended;
}

/** Starts a program at two kernel pipes: nothing is ever written to the one, nothing read from the other. */
function start(file: string, ...args: readonly string[]): Started {
  const [input, output] = [makePipe(), makePipe()];
  const child = spawn(file, args, { stdio: [input.readFd, output.writeFd, "ignore"] });
  children.push(child);
  fds.push(input.writeFd, output.readFd);
  const names = { input: nameOf(input.readFd), output: nameOf(output.writeFd) };
  closeFd(input.readFd);
  closeFd(output.writeFd);
  if (child.pid === undefined) throw new Error(`cannot start ${file}`);
  return { child, pid: child.pid, ...names };
}

const python = (script: string): Started => start("python3", "-c", script);
const node = (script: string): Started => start(process.execPath, "-e", script);

function nameOf(fd: number): string {
  return readDescriptor("self", fd) ?? "";
}

function reads(pipe: string, isEdge = false): PipeWait {
  return { pipe, does: "read", isEdge };
}

function writes(pipe: string, isEdge = false): PipeWait {
  return { pipe, does: "write", isEdge };
}

/** It waits there and nowhere else. */
function waits(...at: readonly PipeWait[]): ProcessWait {
  return { kind: "waits", at, isUnsure: false };
}

/** Waits until the system says this of the process. */
async function expectWaits(pid: number, expected: unknown): Promise<void> {
  await expect.poll(() => readWaits(pid), PATIENCE).toEqual(expected);
}

/** In every order. */
function sorted(wait: ProcessWait): ProcessWait {
  if (wait.kind !== "waits") return wait;
  const key = ({ pipe, does }: PipeWait): string => `${pipe} ${does}`;
  return { ...wait, at: wait.at.toSorted((a, b) => key(a).localeCompare(key(b))) };
}

describe.runIf(isLinux)("readWaits()", () => {
  test("sees who reads an empty pipe", async () => {
    const [cat, reader] = [start("cat"), python("import sys; sys.stdin.buffer.read()")];
    await expectWaits(cat.pid, waits(reads(cat.input)));
    await expectWaits(reader.pid, waits(reads(reader.input)));
  });

  test("sees who writes to a full pipe", async () => {
    const writer = python("import sys\nwhile True: sys.stdout.buffer.write(bytes(65536))");
    await expectWaits(writer.pid, waits(writes(writer.output)));
    const yes = start("sh", "-c", "yes");
    await expectWaits(yes.pid, waits(writes(yes.output)));
  });

  test("sees all threads", async () => {
    const threads = python(`
import os, threading
threading.Thread(target=lambda: os.read(0, 1)).start()
while True: os.write(1, bytes(65536))`);
    const expected = sorted(waits(reads(threads.input), writes(threads.output)));
    await expect.poll(() => sorted(readWaits(threads.pid)), PATIENCE).toEqual(expected);
  });

  test("sees a thread that runs or sleeps beside one that waits", async () => {
    const runs = python(
      "import os, threading\nthreading.Thread(target=lambda: os.read(0, 1)).start()\nwhile True: pass",
    );
    const sleeps = python(
      "import os, threading, time\nthreading.Thread(target=lambda: os.read(0, 1)).start()\ntime.sleep(1000)",
    );
    await expectWaits(runs.pid, { kind: "busy", why: "runs" });
    // A runtime's own thread may sleep: whether it matters cannot be seen.
    await expectWaits(sleeps.pid, { kind: "waits", at: [reads(sleeps.input)], isUnsure: true });
  });

  test("sees who moves between two pipes", async () => {
    const splicer = python("import os\nwhile True: os.splice(0, 1, 1 << 20)");
    await expectWaits(splicer.pid, waits(reads(splicer.input), writes(splicer.output)));
  });

  test("knows not at which descriptors select and poll wait", async () => {
    const unsure = { kind: "waits", at: [], isUnsure: true };
    const select = python("import select; select.select([0], [], [])");
    const poll = python("import select; p = select.poll(); p.register(0); p.poll()");
    await expectWaits(select.pid, unsure);
    await expectWaits(poll.pid, unsure);
  });

  test("sees what an event loop listens to", async () => {
    const loop = (mask: string, limit: string): Started =>
      python(`
import select, time
e = select.epoll()
e.register(0, ${mask})
e.register(1, 0)
while True: e.poll(${limit})`);
    const plain = loop("select.EPOLLIN", "");
    await expectWaits(plain.pid, waits(reads(plain.input)));
    const edge = loop("select.EPOLLIN | select.EPOLLET", "");
    await expectWaits(edge.pid, waits(reads(edge.input, true)));
    const limited = loop("select.EPOLLIN", "1000");
    await expectWaits(limited.pid, { kind: "waits", at: [reads(limited.input)], isUnsure: true });
    const writer = python(`
import os, select
os.set_blocking(1, False)
e = select.epoll()
e.register(1, select.EPOLLOUT)
while True:
    e.poll()
    try: os.write(1, bytes(65536))
    except BlockingIOError: pass`);
    await expectWaits(writer.pid, waits(writes(writer.output)));
  });

  test("sees what Node reads, and that it may wait for time", async () => {
    const reader = node("process.stdin.resume()");
    await expectWaits(reader.pid, {
      kind: "waits",
      at: expect.arrayContaining([reads(reader.input)]),
      isUnsure: false,
    });
    const paused = node(
      "process.stdin.pause(); setTimeout(() => {}, 1e9); process.stdin.once('data', () => {}).pause()",
    );
    await expectWaits(paused.pid, { kind: "waits", at: expect.any(Array), isUnsure: true });
    const found = readWaits(paused.pid);
    expect(found.kind === "waits" && found.at).not.toContainEqual(reads(paused.input));
  });

  test("sees who sleeps, runs, or waits for somebody outside", async () => {
    await expectWaits(start("sleep", "1000").pid, { kind: "busy", why: "sleeps" });
    await expectWaits(start("sh", "-c", "while :; do :; done").pid, { kind: "busy", why: "runs" });
    const outside = python("import socket; a, b = socket.socketpair(); a.recv(1)");
    await expectWaits(outside.pid, { kind: "busy", why: "outside" });
    const elsewhere = python("import os, socket; a, b = socket.socketpair(); os.read(a.fileno(), 1)");
    await expectWaits(elsewhere.pid, { kind: "busy", why: "outside" });
  });

  test("sees who is stopped, wherever it was, until it goes on", async () => {
    const [waiting, running] = [start("cat"), start("sh", "-c", "while :; do :; done")];
    await expectWaits(waiting.pid, waits(reads(waiting.input)));
    for (const { child, pid } of [waiting, running]) {
      child.kill("SIGSTOP");
      await expectWaits(pid, { kind: "busy", why: "stopped" });
      child.kill("SIGCONT");
    }
    await expectWaits(waiting.pid, waits(reads(waiting.input)));
    await expectWaits(running.pid, { kind: "busy", why: "runs" });
  });

  test("looks at children and grandchildren too, and not at whoever waits for them", async () => {
    const family = start("sh", "-c", "(cat; true) | (cat; true); true");
    const where = (): unknown => {
      const found = readWaits(family.pid);
      if (found.kind !== "waits" || found.isUnsure) return found;
      return found.at.map(({ pipe, does }) => `${does}s ${pipe === family.input ? "input" : "another"}`)
        .sort();
    };
    await expect.poll(where, PATIENCE).toEqual(["reads another", "reads input"]);
  });

  test("sees a child that is busy", async () => {
    const family = start("sh", "-c", "(while :; do :; done) & cat; true");
    await expectWaits(family.pid, { kind: "busy", why: "runs" });
  });

  test("knows nothing of who has ended, collected or not, and does not mind such children", async () => {
    const ended = start("true");
    await expect.poll(() => ended.child.exitCode, PATIENCE).toBe(0);
    expect(readWaits(ended.pid)).toEqual({ kind: "unknown" });
    const parent = start("sh", "-c", "true & exec cat");
    await expectWaits(parent.pid, waits(reads(parent.input)));
    const zombie = (): number | undefined =>
      listTree(parent.pid).find((pid) => readQuietly(`/proc/${pid}/stat`)?.includes(") Z ") === true);
    await expect.poll(zombie, PATIENCE).toBeDefined();
    expect(readWaits(zombie() ?? 0)).toEqual({ kind: "unknown" });
    expect([zombie() ?? 0, ended.pid, parent.pid].map(isLiving)).toEqual([false, false, true]);
    expect(readWaits(parent.pid)).toEqual(waits(reads(parent.input)));
  });
});
