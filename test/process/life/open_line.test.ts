import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OPEN_LINE_LOG_MS, OPEN_LINE_SHOWN_MS } from "../../../lib/core/limits/process.ts";
import { OpenLine } from "../../../lib/process/life/open_line.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function observe(isShown: boolean): { readonly line: OpenLine; readonly told: string[] } {
  const told: string[] = [];
  const show = isShown ? (text: string): void => void told.push(`shown ${text}`) : undefined;
  return { line: new OpenLine({ show, log: (text) => told.push(`line ${text}`) }), told };
}

test("where somebody looks it is shown after a moment, and gone at the end", () => {
  const { line, told } = observe(true);
  line.set("Pass", false);
  line.set("Password: ", false);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(OPEN_LINE_SHOWN_MS);
  expect(told).toEqual(["shown Password: "]);
  line.close();
  expect(told).toEqual(["shown Password: ", "shown "]);
});

test("a line that ends soon is not shown", () => {
  const { line, told } = observe(true);
  line.set("half", false);
  line.set("", false);
  vi.advanceTimersByTime(OPEN_LINE_SHOWN_MS);
  line.close();
  expect(told).toEqual([]);
});

test("where nobody looks, one that is written anew is told now and then, once as long as it stays", () => {
  const { line, told } = observe(false);
  line.set("1 %", true);
  line.set("2 %", true);
  vi.advanceTimersByTime(OPEN_LINE_LOG_MS);
  line.set("2 %", true);
  vi.advanceTimersByTime(OPEN_LINE_LOG_MS);
  line.set("9 %", true);
  line.close();
  vi.advanceTimersByTime(OPEN_LINE_LOG_MS);
  expect(told).toEqual(["line 2 %"]);
});

test("where nobody looks, half a line is told with its other half only", () => {
  const { line, told } = observe(false);
  line.set("half", false);
  vi.advanceTimersByTime(2 * OPEN_LINE_LOG_MS);
  expect(told).toEqual([]);
  line.close();
});
