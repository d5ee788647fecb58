/** Files that are written beside the outputs of a flow (`--events`, `--log`, `--report`): links, descriptors, and others' files. */
import { linkSync, lstatSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, startCommand } from "./rig.ts";

const FLOW = { actors: { u: { use: "used.json" }, v: { value: "hi\n" } }, out: { "-": "u", "out.txt": "v" } };
const FILES = {
  "flow.json": FLOW,
  "used.json": { actors: { w: { run: ["echo", "used"] } } },
  env: "A=1\n",
  "out.txt": "before\n",
};

/** What is asked for, and what is said of it; the flow has other names in `hard` and `soft`. */
const TAKEN: readonly (readonly [readonly string[], string])[] = [
  [["--events", "flow.json"], "the flow was read from it"],
  [["--events", "hard"], "the flow was read from it"],
  [["--report", "soft"], "the flow was read from it"],
  [["--log", "used.json"], "the flow was read from it"],
  [["--report", "out.txt"], "it is a file of out"],
  [["--events", "x", "--log", "x"], "--events writes it"],
  [["--db", "x", "--events", "x"], "it is the database"],
  [["--report", "/dev/null"], "it is a device (expected a file)"],
  [["--report", "/dev/stdout"], "it is a descriptor (expected a file)"],
  [["--log", "/dev/stdout"], "it is descriptor 1 of this program (expected a file; --events takes one)"],
];

describe.each(runtimes)("what is written beside the outputs on $name", (runtime) => {
  it("is what nothing else is: refused, and nothing is started or changed", async () => {
    const folder = makeFolder(FILES);
    linkSync(join(folder, "flow.json"), join(folder, "hard"));
    symlinkSync("flow.json", join(folder, "soft"));
    for (const [args, says] of TAKEN) {
      const { code, stdout, stderr } = await run(runtime, ["flow.json", ...args], { cwd: folder });
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
      expect(stderr).toContain(says);
    }
    const names = ["flow.json", "used.json", "env", "out.txt"] as const;
    expect(names.map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(
      names.map((name) => typeof FILES[name] === "string" ? FILES[name] : JSON.stringify(FILES[name])),
    );
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  }, 120_000);

  it("are events on a descriptor, without emptying what is behind it", async () => {
    const folder = makeFolder(FILES);
    const command = runtime.command.map((word) => `'${word}'`).join(" ");
    const script = `
      echo before >both; ${command} flow.json --events /dev/stdout >>both
      echo before >errors; ${command} flow.json --events /proc/self/fd/2 2>>errors`;
    const { code } = await startCommand(["sh", "-c", script], { cwd: folder }).ended;
    expect(code).toBe(0);
    for (const name of ["both", "errors"]) {
      const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
      expect(lines[0]).toBe("before");
      const events = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line).type);
      expect([events.at(0), events.at(-1)]).toEqual(["run-started", "run-ended"]);
      expect(lines.includes("used")).toBe(name === "both");
    }
  });

  it("is a report where a link leads, in all names of its file", async () => {
    const folder = makeFolder({ ...FILES, real: "old", one: "old" });
    symlinkSync("real", join(folder, "soft"));
    linkSync(join(folder, "one"), join(folder, "two"));
    for (const name of ["soft", "one"]) {
      const { code, stderr } = await run(runtime, ["flow.json", "--report", name], { cwd: folder });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
    expect(lstatSync(join(folder, "soft")).isSymbolicLink()).toBe(true);
    for (const name of ["real", "two"]) expect(readFileSync(join(folder, name), "utf8")).toContain("</html>");
  });
});
