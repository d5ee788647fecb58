// place: inactive ─▶ starting ─▶ active ─▶ draining ─▶ inactive │ stopped; a failure: starting again, or failed
import { describe, expect, test } from "vitest";
import { Bus, takeGiven } from "../bus.ts";

const AGAIN = { restart: { policy: "always", intensity: 1, periodMs: 1000, backoffMs: 10 } } as const;

describe("Places", () => {
  test("a process is asked for once, and is told who it is and what it has saved", () => {
    const bus = new Bus({ kept: {} });
    const [place] = bus.cell("kept").places;
    if (place === undefined) throw new Error("no place");
    bus.places.start(place);
    bus.places.start(place);
    expect(bus.of("start")).toEqual([{ type: "start", place: 0, actor: "kept" }]);
    const process = bus.open(bus.cell("kept"));
    expect(takeGiven(process)).toEqual([["Start", { name: "kept", key: null, args: null, state: { n: 1 } }]]);
    expect(bus.lives).toEqual(["kept starting", "kept active"]);
  });

  test("one that fails is started again after its backoff, and too often is told", () => {
    const bus = new Bus({ a: AGAIN });
    bus.end(bus.start("a"), { isFailure: true });
    expect(bus.of("restart")).toMatchObject([{ failures: 1, delayMs: 10 }]);
    bus.fire(9);
    expect(bus.of("start")).toHaveLength(1);
    bus.fire(10);
    expect(bus.of("start")).toHaveLength(2);
    bus.end(bus.open(bus.cell("a")), { isFailure: true });
    expect(bus.of("failed")).toMatchObject([{ place: 0, failures: 2 }]);
    expect(bus.lives.at(-1)).toBe("a failed");
    expect(bus.cell("a").actor.failed).toBe("Actor 'a' has failed");
  });

  test("what waits for an actor that has failed for good is rejected", () => {
    const bus = new Bus({ a: {} });
    const process = bus.start("a");
    bus.delivery.offer(bus.cell("a"), bus.mail("1", { from: process, sender: "b" }));
    bus.end(process, { isFailure: true });
    expect(bus.of("message-dead")).toMatchObject([{ code: "FAILED", receiver: "a" }]);
    expect(bus.cell("a").mailbox.length).toBe(0);
  });

  test("a pool goes on while it has members", () => {
    const bus = new Bus({ a: { supervisor: { type: "pool", size: 2 } } });
    const first = bus.start("a");
    const second = bus.open(bus.cell("a"), 1);
    bus.end(first, { isFailure: true });
    expect(bus.cell("a").actor.failed).toBeUndefined();
    bus.end(second, { isFailure: true });
    expect(bus.cell("a").actor.failed).toBe("Actor 'a' has failed");
  });

  test("one that is told to end gets Shutdown as its last, and its place can be filled again", () => {
    const bus = new Bus({ a: {} });
    const process = bus.start("a");
    const { cell } = process;
    takeGiven(process);
    for (const place of cell.places) bus.places.drain(place);
    for (const place of cell.places) bus.places.drain(place);
    expect(takeGiven(process)).toEqual([["Shutdown", {}]]);
    expect([process.stdin.isOpen, cell.pick()]).toEqual([false, undefined]);
    bus.end(process, { isFailure: false });
    bus.delivery.offer(cell, bus.mail("1"));
    bus.pump();
    expect(bus.lives).toEqual(["a starting", "a active", "a draining", "a inactive", "a starting"]);
  });

  test("at the end of the flow nobody is started again", () => {
    const bus = new Bus({ a: AGAIN, b: AGAIN });
    const [a, b] = [bus.start("a"), bus.start("b")];
    bus.places.isEnding = true;
    for (const process of [a, b]) for (const place of process.cell.places) bus.places.drain(place);
    bus.end(a, { isFailure: false });
    bus.end(b, { isFailure: true });
    expect(bus.lives.slice(-2)).toEqual(["a stopped", "b failed"]);
    expect(bus.of("restart")).toEqual([]);
    for (const place of a.cell.places) bus.places.start(place);
    expect(bus.of("start")).toHaveLength(2);
  });

  test("what a process has not read goes to the next, in its order and before what came later", () => {
    const bus = new Bus({ sender: {}, a: { ...AGAIN, prefetch: 3 } });
    const from = bus.start("sender");
    const process = bus.start("a");
    for (const name of ["1", "2", "3"]) bus.delivery.offer(process.cell, bus.mail(name, { from }));
    bus.pump();
    takeGiven(process);
    const [second, third] = process.inFlight.list().slice(-2);
    bus.unread = (third?.end ?? 0) - (second?.start ?? 0);
    bus.delivery.offer(process.cell, bus.mail("4", { from }));
    bus.end(process, { isFailure: true });
    bus.fire(10);
    const next = bus.open(process.cell);
    bus.pump();
    expect(takeGiven(next).slice(1)).toEqual([["T", "2"], ["T", "3"], ["T", "4"]]);
    // The first it had read, and was at when it failed.
    expect(bus.delivery.rejections.losses.list).toEqual([
      expect.objectContaining({ code: "LOST", receiver: "a", messageType: "T", count: 1 }),
    ]);
  });

  test("what has to be handled comes again, unless it was acknowledged", () => {
    const bus = new Bus({ sender: {}, a: { ...AGAIN, delivery: "at-least-once", prefetch: 3 } });
    const from = bus.start("sender");
    const process = bus.start("a");
    const mails = ["1", "2", "3"].map((name) => bus.mail(name, { from }));
    for (const mail of mails) bus.delivery.offer(process.cell, mail);
    bus.pump();
    const flying = process.inFlight.find(mails[1]?.number ?? -1, () => "");
    if (flying !== undefined) process.inFlight.acknowledge(flying, 0);
    bus.end(process, { isFailure: true });
    bus.fire(10);
    const next = bus.open(process.cell);
    bus.pump();
    expect(takeGiven(next).slice(1)).toEqual([["T", "1"], ["T", "3"]]);
    expect(mails.map(({ deliveries }) => deliveries)).toEqual([2, 1, 2]);
  });

  test("a handler loses the message that it was at, and what it had not begun goes to the next", () => {
    const handler = { checks: "strict" } as const;
    const bus = new Bus({ sender: {}, a: { ...AGAIN, handler, prefetch: 2 } });
    const from = bus.start("sender");
    const process = bus.start("a");
    for (const name of ["1", "2"]) bus.delivery.offer(process.cell, bus.mail(name, { from }));
    bus.pump();
    bus.end(process, { isFailure: true });
    expect(bus.lost).toHaveLength(1);
    bus.fire(10);
    const next = bus.open(process.cell);
    bus.pump();
    expect(takeGiven(next).slice(1)).toEqual([["T", "2"]]);
  });

  test("who has asked a process that ends is told that there is no answer", () => {
    const bus = new Bus({ client: {}, server: AGAIN });
    const [asker, server] = [bus.start("client"), bus.start("server")];
    takeGiven(asker);
    const mail = bus.mail("1", { from: asker, sender: "client", id: "q", isAsk: true });
    bus.asks.add({ id: "q", asker, address: "client", cell: server.cell, deadline: 1000 });
    bus.delivery.offer(server.cell, mail);
    bus.pump();
    bus.end(server, { isFailure: true });
    const { bytes, start, end } = asker.stdin.bytes;
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)))).toMatchObject({
      receiver: "client",
      correlation_id: "q",
      error: { code: "LOST" },
    });
    expect(bus.asks.size).toBe(0);
  });

  test("one that ends well again and again without taking what waits has failed", () => {
    const bus = new Bus({ sender: {}, a: { restart: { ...AGAIN.restart, policy: "on-failure" } } });
    const from = bus.start("sender");
    const process = bus.start("a");
    for (const place of process.cell.places) expect(place.life.state).toBe("active");
    bus.delivery.offer(process.cell, bus.mail("1", { from }));
    bus.end(process, { isFailure: false });
    expect(bus.of("restart")).toMatchObject([{ failures: 1 }]);
  });

  test("what one had that was told to end, and had to be ended by force, is lost, unless it was seen to wait for more", () => {
    for (const isSeen of [false, true]) {
      const bus = new Bus({ a: {} });
      const process = bus.start("a");
      const { cell } = process;
      bus.delivery.offer(cell, bus.mail("1", { from: process, sender: "b" }));
      bus.read(process);
      if (isSeen) process.inFlight.idleAt = process.inFlight.given;
      for (const place of cell.places) bus.places.drain(place);
      process.phase = "stopped";
      bus.end(process, { isFailure: false });
      const lost = bus.delivery.rejections.losses.list.map((
        { code, count, reason },
      ) => [code, count, reason]);
      expect(lost).toEqual(
        isSeen ? [] : [["LOST", 1, expect.stringContaining("was ended before it had finished")]],
      );
    }
  });

  test("what one that leaves had read before it acknowledged for the first time goes to the next, too", () => {
    const bus = new Bus({ a: {} });
    const process = bus.start("a");
    const { cell } = process;
    for (const name of ["1", "2"]) bus.delivery.offer(cell, bus.mail(name, { from: process, sender: "b" }));
    bus.read(process);
    // It has read all of it at once, and now begins with what came first.
    process.inFlight.noteUnread(0, bus.now);
    const [start, one] = process.inFlight.list();
    for (const flying of [start, one]) {
      if (flying !== undefined) process.inFlight.acknowledge(flying, bus.now);
    }
    process.phase = "left";
    bus.end(process, { isFailure: false });
    for (const place of cell.places) bus.places.start(place);
    const next = bus.open(cell);
    bus.pump();
    expect(takeGiven(next).slice(1)).toEqual([["T", "2"]]);
    expect(bus.delivery.rejections.losses.list).toEqual([]);
  });

  test("what has to be handled comes again when its process had to be ended by force before it said a word", () => {
    const bus = new Bus({ sender: {}, a: { delivery: "at-least-once" } });
    const from = bus.start("sender");
    const process = bus.start("a");
    const { cell } = process;
    bus.delivery.offer(cell, bus.mail("1", { from, sender: "sender" }));
    bus.read(process);
    for (const place of cell.places) bus.places.drain(place);
    process.phase = "stopped";
    bus.end(process, { isFailure: false });
    expect(cell.mailbox.length).toBe(1);
  });
});
