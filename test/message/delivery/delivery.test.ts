import { describe, expect, test } from "vitest";
import { Bus, takeGiven } from "../bus.ts";

const ONE = { mailbox: { size: 1, overflow: "block" } } as const;

describe("Delivery", () => {
  test("gives what waits to the process that is started for it, behind its Start and in its order", () => {
    const bus = new Bus({ a: {} });
    const cell = bus.cell("a");
    for (const name of ["1", "2"]) bus.delivery.offer(cell, bus.mail(name));
    bus.pump();
    expect(bus.of("start")).toHaveLength(1);
    const process = bus.open(cell);
    const start = { name: "a", key: null, args: null, state: null };
    expect(bus.read(process)).toEqual([["Start", start], ["T", "1"], ["T", "2"]]);
    expect([cell.mailbox.length, cell.taken]).toEqual([0, 2]);
  });

  test("a sender is paused while its message has no room, and goes on when it has", () => {
    const bus = new Bus({ sender: {}, b: ONE });
    const [from, cell] = [bus.start("sender"), bus.cell("b")];
    for (const name of ["1", "2"]) bus.delivery.offer(cell, bus.mail(name, { from, sender: "sender" }));
    expect([from.isPaused, cell.waiting.has(from), cell.mailbox.length]).toEqual([true, true, 1]);
    bus.pump();
    expect(bus.delivery.resumed.has(from)).toBe(false);
    const process = bus.open(cell);
    expect(bus.read(process).slice(1)).toEqual([["T", "1"], ["T", "2"]]);
    expect([from.isPaused, bus.delivery.resumed.has(from)]).toEqual([false, true]);
  });

  test("a full mailbox that rejects sends the message back to its sender, with its identity", () => {
    const bus = new Bus({ sender: {}, b: { mailbox: { size: 1, overflow: "reject" } } });
    const from = bus.start("sender");
    takeGiven(from);
    bus.delivery.offer(bus.cell("b"), bus.mail("1", { from, sender: "sender" }));
    bus.delivery.offer(bus.cell("b"), bus.mail("2", { from, sender: "sender", id: "mine" }));
    bus.pump();
    expect(from.isPaused).toBe(false);
    const [given] = takeGiven(from);
    expect(given).toMatchObject(["Reject", {
      code: "MAILBOX_FULL",
      rejected_by: "b",
      envelope: { message: "2" },
    }]);
    // Its sender has asked for that: nothing is lost.
    expect(bus.delivery.rejections.losses.list).toEqual([]);
  });

  test("a mailbox that drops its oldest keeps the newest, and what is dropped is told", () => {
    const bus = new Bus({ sender: {}, b: { mailbox: { size: 2, overflow: "drop-oldest" } } });
    const from = bus.start("sender");
    const cell = bus.cell("b");
    for (const name of ["1", "2", "3"]) {
      bus.delivery.offer(cell, bus.mail(name, { from, sender: "sender" }));
    }
    bus.pump();
    expect(bus.read(bus.open(cell)).slice(1)).toEqual([["T", "2"], ["T", "3"]]);
    expect(bus.of("message-dead")).toMatchObject([{ code: "DROPPED", receiver: "b" }]);
  });

  test("a message of the engine finds room in a full mailbox", () => {
    const bus = new Bus({ a: ONE });
    const cell = bus.cell("a");
    for (const message of [1, 2, 3]) bus.delivery.send(cell, { type: "W", sender: "$timer", message });
    expect(cell.mailbox.length).toBe(3);
  });

  test("what nobody takes any more goes to the dead-letter actor, and without one is lost", () => {
    const bus = new Bus({ sender: { handler: { checks: "strict" } }, a: {}, letters: {} });
    const [from, letters] = [bus.start("sender"), bus.start("letters")];
    takeGiven(letters);
    bus.cell("a").actor.failed = "Actor 'a' has failed";
    const offer = (): void => bus.delivery.offer(bus.cell("a"), bus.mail("1", { from }));
    offer();
    expect(bus.delivery.rejections.losses.list).toMatchObject([{ code: "FAILED", receiver: "a", count: 1 }]);
    bus.directory.aliases.set("dead-letter", ["letters"]);
    offer();
    bus.pump();
    expect(takeGiven(letters)).toMatchObject([["Reject", { code: "FAILED", envelope: { message: "1" } }]]);
    expect(bus.delivery.rejections.losses.list).toMatchObject([{ count: 1 }]);
  });

  test("a message that could not be handled is given again, but not too often", () => {
    const bus = new Bus({ sender: {}, b: { delivery: "at-least-once", deliveriesMax: 2 } });
    const from = bus.start("sender");
    const process = bus.start("b");
    const mail = bus.mail("1", { from, sender: "sender" });
    bus.delivery.offer(process.cell, mail);
    for (const time of [1, 2]) {
      bus.pump();
      expect(mail.deliveries).toBe(time);
      expect(process.inFlight.takeFirst()).toMatchObject({ number: mail.number });
      bus.delivery.giveBack(process.cell, mail);
    }
    expect(process.cell.mailbox.length).toBe(0);
    expect(bus.of("message-dead")).toMatchObject([{ code: "TOO_OFTEN" }]);
    expect(bus.kept.size).toBe(0);
  });

  test("what must not be lost is in the journal until it was handled", () => {
    const bus = new Bus({ sender: {}, b: { delivery: "at-least-once" }, c: {} });
    const from = bus.start("sender");
    const mail = bus.mail("1", { from, id: "mine" });
    bus.delivery.offer(bus.cell("b"), mail);
    bus.delivery.offer(bus.cell("c"), bus.mail("2", { from }));
    bus.delivery.send(bus.cell("b"), { type: "Tick", sender: "$timer", message: null });
    expect([...bus.kept.values()]).toEqual(["mine"]);
    bus.delivery.settle(mail);
    expect(bus.kept.size).toBe(0);
  });

  test.each([
    { isAsked: false, lost: ["ENDED", "ENDED"] },
    { isAsked: true, lost: [] },
  ])("at the end what waits is told as lost, unless it was asked for: $isAsked", ({ isAsked, lost }) => {
    const bus = new Bus({ sender: {}, b: ONE });
    const from = bus.start("sender");
    for (const [name, type] of [["1", "T"], ["2", "U"]] as const) {
      bus.delivery.offer(bus.cell("b"), bus.mail(name, { from, type }));
    }
    bus.delivery.end([bus.cell("b")], { isAsked });
    expect(bus.delivery.rejections.losses.list.map(({ code }) => code)).toEqual(lost);
    expect([bus.cell("b").mailbox.length, from.isPaused, bus.delivery.resumed.has(from)]).toEqual([
      0,
      false,
      true,
    ]);
  });

  test("an instance is activated before its first message, and its messages wait while it leaves", () => {
    const bus = new Bus({ a: { supervisor: { type: "keyed", key: ["k"], hosts: 1 } } });
    const process = bus.start("a");
    takeGiven(process);
    const { cell } = process;
    const offer = (name: string): void => bus.delivery.offer(cell, bus.mail(name, { key: "x" }));
    offer("1");
    offer("2");
    expect(bus.read(process)).toEqual([["Activate", { key: "x", state: null }], ["T", "1"], ["T", "2"]]);
    cell.instances?.leave("x");
    offer("3");
    bus.pump();
    expect(takeGiven(process)).toEqual([]);
    expect(cell.instances?.remove("x")).toHaveLength(1);
  });
});
