/** What is lost with a process that has failed. */
import { expect, test } from "vitest";
import type { ActorProcess } from "../../../lib/message/actors/actor_process.ts";
import { InFlight } from "../../../lib/message/actors/in_flight.ts";
import { findLeftMail } from "../../../lib/message/actors/left_mail.ts";

const GIVEN = { bytes: 10, now: 0 };

test("what it had read before it acknowledged the engine's word is lost as what it reads later", () => {
  const inFlight = new InFlight({ acknowledges: false });
  inFlight.add(1, { ...GIVEN, type: "Start", isWord: true });
  inFlight.add(2, { ...GIVEN, type: "T" });
  inFlight.noteUnread(0, 0);
  const start = inFlight.find(1, () => "");
  if (start === undefined) throw new Error("the word is on its way");
  inFlight.acknowledge(start, 0);
  inFlight.add(3, { ...GIVEN, type: "U" });
  // Only these are asked for.
  const process = { inFlight, phase: "active", stdin: { noteWaiting: () => undefined, isOpen: true } };
  const { lost } = findLeftMail(process as unknown as ActorProcess, { unread: [], isFailure: true });
  expect(lost.map(({ flying: { number } }) => number)).toEqual([2, 3]);
});
