// a ⇄ b, each reads no more because what it has written has no room with the other
import { expect, test } from "vitest";
import { RingWatch } from "../../../lib/message/delivery/ring_watch.ts";
import { Bus } from "../bus.ts";

test("RingWatch grows the smallest mailbox of a ring in which nothing has moved between two looks", () => {
  const mailbox = { size: 1, overflow: "block" } as const;
  const bus = new Bus({ a: { mailbox: { ...mailbox, size: 2 } }, b: { mailbox } });
  const [a, b] = [bus.start("a"), bus.start("b")];
  const { directory, delivery } = bus;
  const now = (): number => bus.now;
  const watch = new RingWatch({ directory, delivery, now, tell: (report) => void bus.told.push(report) });
  for (const name of ["1", "2", "3"]) delivery.offer(a.cell, bus.mail(name, { from: b, sender: "b" }));
  for (const name of ["1", "2"]) delivery.offer(b.cell, bus.mail(name, { from: a, sender: "a" }));
  expect([a.isPaused, b.isPaused]).toEqual([true, true]);
  watch.note();
  for (const look of [1, 2, 3]) {
    if (look === 2) a.moved += 1;
    bus.now = watch.at;
    watch.look();
    expect(bus.of("mailbox-grown")).toHaveLength(look === 3 ? 1 : 0);
  }
  expect(bus.of("mailbox-grown")).toMatchObject([{ actor: "b", ring: ["a", "b"] }]);
  expect(delivery.dirty.has(b.cell)).toBe(true);
});

test("RingWatch is not called again when nobody waits", () => {
  const bus = new Bus({ a: {} });
  const { directory, delivery } = bus;
  const watch = new RingWatch({ directory, delivery, now: () => bus.now, tell: () => undefined });
  expect(watch.at).toBe(Infinity);
  watch.note();
  bus.now = watch.at;
  watch.look();
  expect(watch.at).toBe(Infinity);
});
