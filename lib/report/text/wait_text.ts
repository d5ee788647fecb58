/**
 * Who waits for whom, as a small picture.
 */
import type { WaitStep } from "../../core/wait.ts";
import { formatBytes } from "./format_bytes.ts";

/**
 * One line for each that waits; the last waits for the first.
 *
 * @example
 * ┌▶ src   cannot write src → b: full, holds 1 MiB of 1 MiB; waits for b [process 12]
 * │  join  cannot read a → join: empty; waits for a [process 15]
 * └─ a     cannot read src → a: empty; waits for src [process 13]
 */
export function formatCycle(steps: readonly WaitStep[]): readonly string[] {
  const width = Math.max(...steps.map(({ waiter }) => waiter.length));
  return steps.map((step, at) => {
    const arrow = steps.length === 1 ? "⟳ " : at === 0 ? "┌▶" : at === steps.length - 1 ? "└─" : "│ ";
    return `${arrow} ${step.waiter.padEnd(width)}  ${describe(step)}`;
  });
}

function describe(step: WaitStep): string {
  const edge = `${step.from} → ${step.to}`;
  const process = step.pid === undefined ? "" : ` [process ${step.pid}]`;
  switch (step.does) {
    case "write":
      return `cannot write ${edge}: full, ${formatFill(step)}; waits for ${step.waitsFor}${process}`;
    case "read":
      return `cannot read ${edge}: empty; waits for ${step.waitsFor}${process}`;
    case "start":
      return `has not started; waits for ${step.waitsFor}`;
  }
}

function formatFill({ heldBytes, capacityBytes }: WaitStep): string {
  const held = formatBytes(heldBytes);
  return capacityBytes === 0 ? `holds ${held}` : `holds ${held} of ${formatBytes(capacityBytes)}`;
}
