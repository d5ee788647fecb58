/**
 * Why a line is no envelope, as text.
 */
import type { LineProblem } from "../wire/envelope_scanner.ts";

/** `isCut`: it has no end because its process ended, which is why it is none. */
export function describeProblem(
  problem: LineProblem | string,
  { isCut }: { readonly isCut: boolean },
): string {
  const text = typeof problem === "string" ? problem : describe(problem);
  return isCut ? `${text}: the actor ended in the middle of it` : text;
}

function describe(problem: LineProblem): string {
  switch (problem.kind) {
    case "empty":
      return "it is empty";
    case "no-json":
      return "it is no JSON";
    case "no-object":
      return "it is no JSON object";
    case "not-utf8":
      return "it is no UTF-8";
    case "wrong-key":
      return problem.key === "message_type" && problem.expected.startsWith("one of")
        ? "it has neither message_type nor message"
        : `${problem.key} is not ${problem.expected}`;
  }
}
