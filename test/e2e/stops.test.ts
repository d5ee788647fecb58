/** How a run is ended from outside, and that nothing is left of it. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { findCommand, findExactly, leftovers, makeFolder, runFlow, runtimes, start, until } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)(
    "%s ends everything, grandchildren too",
    async (signal) => {
      const flow = {
        grace: "300ms",
        actors: {
          a: { run: ["sleep", "4711.1"] },
          b: { sh: "sleep 4711.2 & sleep 4711.3" },
          stubborn: { sh: "trap '' TERM INT HUP; while :; do sleep 0.1; done" },
          daemon: { sh: "setsid sleep 4711.4 >/dev/null 2>&1 & sleep 4711.5" },
        },
      };
      const folder = makeFolder({ "flow.json": flow });
      const { child, ended } = start(runtime, [join(folder, "flow.json")]);
      await until(() => findCommand("sleep 4711").length >= 5 && findCommand("trap").length > 0);
      child.kill(signal);
      const { code } = await ended;
      expect(code).toBe({ SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGQUIT: 131 }[signal]);
      expect(leftovers()).toEqual([]);
    },
  );

  it("a second Ctrl-C kills at once", async () => {
    const flow = { grace: "1h", actors: { stubborn: { sh: "trap '' TERM; while :; do sleep 0.05; done" } } };
    const folder = makeFolder({ "flow.json": flow });
    const { child, ended, stderr } = start(runtime, [join(folder, "flow.json"), "--events", "-"]);
    await until(() => findCommand("trap").length > 0);
    child.kill("SIGINT");
    await until(() => stderr().includes('"stopping"'));
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
  });

  it("kill -9 of the engine leaves no process and no file", async () => {
    const flow = {
      actors: {
        a: { run: ["sleep", "4712.1"] },
        daemon: { sh: `setsid sleep 4712.2 >/dev/null 2>&1 & env -i sleep 4712.${process.pid}` },
        stubborn: { sh: "trap '' TERM; while :; do sleep 0.1; done" },
      },
      out: { "out.txt": ["a", "daemon", "stubborn"] },
    };
    const folder = makeFolder({ "flow.json": flow });
    const temporary = makeFolder();
    const { child, ended } = start(runtime, [join(folder, "flow.json")], { env: { TMPDIR: temporary } });
    const cleared = `sleep 4712.${process.pid}`;
    await until(() =>
      findCommand("sleep 4712.1").length > 0 && findCommand("trap").length > 0 &&
      findExactly(cleared).length > 0
    );
    child.kill("SIGKILL");
    await ended;
    await until(() => leftovers().length === 0 && findExactly(cleared).length === 0);
    await until(() => readdirSync(temporary).length === 0);
    expect(readdirSync(folder)).toEqual(["flow.json"]);
  });

  it("leaves nothing in the temporary folder", async () => {
    const temporary = makeFolder();
    await runFlow(runtime, { actors: { a: { sh: "seq 10" }, b: { run: ["cat"], in: ["a", "a"] } } }, {
      env: { TMPDIR: temporary },
    });
    expect(readdirSync(temporary)).toEqual([]);
    expect(tmpdir()).not.toBe(temporary);
  });

  it("a daemon that an actor leaves behind is ended with the flow", async () => {
    const flow = { actors: { a: { sh: "setsid sleep 4713 >/dev/null 2>&1 & echo started" } } };
    const { code, stdout } = await runFlow(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "started\n" });
    expect(findCommand("sleep 4713")).toEqual([]);
  });
});
