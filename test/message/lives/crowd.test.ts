// one process for each key: few ─▶ started; many ─▶ who was used least of late goes ─▶ the next one
import { expect, test } from "vitest";
import type { Messaging } from "../../../lib/core/messaging.ts";
import {
  EACH_PROCESSES_MAX,
  EACH_WAIT_LOOK_MS,
  EACH_WAIT_MS,
  KEYED_INSTANCES_MAX,
} from "../../../lib/core/limits/message.ts";
import type { ActorProcess } from "../../../lib/message/actors/actor_process.ts";
import { Bus, takeGiven } from "../bus.ts";

const EACH: Partial<Messaging> = { supervisor: { type: "keyed", key: [], hosts: "each" } };

function crowd() {
  const bus = new Bus({ a: EACH });
  const actor = bus.directory.actors.get("a");
  if (actor === undefined) throw new Error("no actor");
  const open = new Map<string, ActorProcess>();
  const send = (key: string): void => {
    bus.delivery.offer(actor.cellOf(key), bus.mail(key));
    bus.pump();
  };
  /** Processes that were asked for are there. */
  const start = (): void => {
    for (const { cells } of [actor]) {
      for (const cell of [...cells]) {
        if (cell.places[0]?.life.state !== "starting") continue;
        open.set(cell.key ?? "", bus.open(cell));
        bus.pump();
      }
    }
  };
  const alive = () => actor.cells.filter(({ isStarting, active }) => isStarting || active.length > 0).length;
  return { bus, actor, open, send, start, alive };
}

/** It has read everything and says so. */
function acknowledgeAll(bus: Bus, process: ActorProcess): void {
  takeGiven(process);
  for (const flying of process.inFlight.list()) process.inFlight.acknowledge(flying, bus.now);
  process.lastAt = bus.now;
}

test("beyond some processes the one that was used least of late goes before the next one comes", () => {
  const { bus, actor, open, send, start, alive } = crowd();
  for (let key = 0; key < EACH_PROCESSES_MAX; key++) send(String(key));
  start();
  for (const process of open.values()) acknowledgeAll(bus, process);
  bus.now = 100;
  const [first, second] = [...open.values()];
  if (first === undefined || second === undefined) throw new Error("none");
  first.lastAt = 100;
  send("more");
  expect(alive()).toBe(EACH_PROCESSES_MAX);
  bus.fire(100 + EACH_WAIT_LOOK_MS);
  expect(takeGiven(second)).toEqual([["Shutdown", {}]]);
  expect(takeGiven(first)).toEqual([]);
  bus.end(second, { isFailure: false });
  start();
  expect(alive()).toBe(EACH_PROCESSES_MAX);
  expect(open.get("more")?.cell.key).toBe("more");
  expect(actor.cells.map(({ key }) => key)).not.toContain("1");
});

test("when all of them are at work for long the next one comes all the same: they may wait for it", () => {
  const { bus, open, send, start, alive } = crowd();
  for (let key = 0; key < EACH_PROCESSES_MAX; key++) send(String(key));
  start();
  for (const process of open.values()) {
    const [word] = process.inFlight.list();
    if (word !== undefined) process.inFlight.acknowledge(word, 0);
  }
  send("more");
  send("and more");
  for (let now = 0; now < EACH_WAIT_MS; now += EACH_WAIT_LOOK_MS) bus.fire(now);
  expect(alive()).toBe(EACH_PROCESSES_MAX);
  bus.fire(EACH_WAIT_MS + EACH_WAIT_LOOK_MS);
  expect(alive()).toBe(EACH_PROCESSES_MAX + 1);
});

test("those that never tell that they have saved anything stay, up to a number: more are refused, and told", () => {
  const { bus, actor, open, send, start, alive } = crowd();
  for (let key = 0; key < KEYED_INSTANCES_MAX + 2; key++) send(String(key));
  start();
  for (const process of open.values()) takeGiven(process);
  for (let now = 0; now <= EACH_WAIT_MS + 2 * EACH_WAIT_LOOK_MS; now += EACH_WAIT_LOOK_MS) bus.fire(now);
  expect(alive()).toBe(KEYED_INSTANCES_MAX);
  expect(bus.of("message-dead")).toMatchObject([
    { receiver: `a/${KEYED_INSTANCES_MAX}`, reason: expect.stringContaining('expected "idle"') },
    { receiver: `a/${KEYED_INSTANCES_MAX + 1}` },
  ]);
  expect(actor.cells).toHaveLength(KEYED_INSTANCES_MAX);
});
