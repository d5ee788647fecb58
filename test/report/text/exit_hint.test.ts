/** For which ends of programs there is a hint. */
import { expect, test } from "vitest";
import { explainExit } from "../../../lib/report/text/exit_hint.ts";

const FOUND = ['exit 1 says that no line was found (where that is no failure: "ok": [0, 1])'];

function hint(command: readonly string[], rest: object = {}): readonly string[] {
  return explainExit({ command, code: 1, ok: [0], lastLines: [], ...rest });
}

test.each([
  [["grep", "x"]],
  [["/usr/bin/grep", "-c", "x"]],
  [["sh", "-c", "grep x"]],
  [["sh", "-c", "sort | LC_ALL=C grep -v 'x y'"]],
  [["sh", "-c", "true; zgrep x"]],
])("explainExit() knows the last program of %j", (command) => expect(hint(command)).toEqual(FOUND));

test.each([
  [["sort"], {}],
  [["sh", "-c", "grep x | sort"], {}],
  [["sh", "-c", "grep x; exit 1"], {}],
  [["grep", "x"], { code: 2 }],
  [["grep", "x"], { ok: [0, 1] }],
  [["grep", "("], { lastLines: ["grep: Unmatched ( or \\\\("] }],
])("explainExit() has nothing to say of %j %j", (command, rest) => expect(hint(command, rest)).toEqual([]));
