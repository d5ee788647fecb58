import { expect, test } from "vitest";
import type { PageMessage } from "../../../lib/report/web/page_run.ts";
import { traceMessage } from "../../../lib/report/web/trace_message.ts";
import { START } from "./page_runs.ts";

function step(number: number, id: string, correlationId?: string): PageMessage {
  return {
    number,
    at: START + number,
    step: "sent",
    id,
    type: "T",
    sender: "a",
    receiver: "b",
    bytes: 1,
    ...correlationId === undefined ? {} : { correlationId },
  };
}

// 1 ◀─ 2 ◀─ 3, 4 alone, 5 ─▶ 1
test("traceMessage() follows ids from whichever step it begins", () => {
  const messages = [
    step(1, "1"),
    step(2, "2", "1"),
    step(3, "3", "2"),
    step(4, "4"),
    step(5, "5", "1"),
    step(6, "1"),
  ];
  const way = [1, 2, 3, 5, 6];
  for (const id of ["1", "2", "3", "5"]) {
    expect(traceMessage(messages, id).map(({ number }) => number)).toEqual(way);
  }
  expect(traceMessage(messages, "4").map(({ number }) => number)).toEqual([4]);
});
