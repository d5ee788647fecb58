/**
 * What is a terminal is told without loading streams, where it can be: it is asked in every run.
 */
import { spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { isTerminal } from "../../lib/host/is_terminal.ts";
import { ROOT } from "../house/source_files.ts";

const ASKED = `
import { openSync } from "node:fs";
import { isTerminal } from ${JSON.stringify(join(ROOT, "lib/host/is_terminal.ts"))};
const isOne = isTerminal(openSync(process.argv[1], "r"));
console.log(JSON.stringify({ isOne, loads: process.moduleLoadList.includes("NativeModule tty") }));
`;

// What has a terminal driver is asked in earnest.
test.each([["/dev/null", false], ["/dev/zero", false], ["/dev/ptmx", true]])(
  "%s is asked: tells what it is, and loads what knows terminals: %s",
  (path, isOne) => {
    // Standard output is a pipe: Node would load it for a terminal.
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", ASKED, path], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const told = JSON.parse(stdout);
    expect(told.isOne).toBe(isOne);
    if (!isOne) expect(told.loads).toBe(false);
  },
);

test("a file and a closed descriptor are none", () => {
  expect(isTerminal(openSync(join(ROOT, "package.json"), "r"))).toBe(false);
  expect(isTerminal(4_000_000)).toBe(false);
});
