/** Named pipes where the program reads or writes a file of its own: the flow, the events. */
import { execFileSync } from "node:child_process";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, start, startCommand, until } from "./rig.ts";

const HELLO = { actors: { a: { run: ["echo", "hello"] } } };

function makePipe(flow: object): { readonly flow: string; readonly pipe: string } {
  const folder = makeFolder({ "flow.json": flow });
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  return { flow: join(folder, "flow.json"), pipe };
}

describe.each(runtimes)("a named pipe on $name", (runtime) => {
  it("is a flow file when somebody writes it; until then a signal ends the waiting", async () => {
    const { pipe } = makePipe(HELLO);
    const reads = run(runtime, [pipe]);
    await writeFile(pipe, JSON.stringify(HELLO));
    expect(await reads).toEqual({ code: 0, signal: null, stdout: "hello\n", stderr: "" });

    const waits = start(runtime, [pipe]);
    const writer = await open(pipe, "w"); // The program reads it from now on.
    waits.child.kill("SIGTERM");
    const { code, signal } = await waits.ended;
    await writer.close();
    expect([code, signal]).toEqual([null, "SIGTERM"]);
  });

  it("is read once, by a cached actor too, and a signal ends the waiting for its writer", async () => {
    const { flow, pipe } = makePipe({
      actors: {
        a: { file: "pipe" },
        b: { run: ["cat"], in: "a", cache: true },
        c: { run: ["cat"], in: "b" },
      },
    });
    for (const said of ["one\n", "two\n", "one\n"]) {
      const reads = run(runtime, [flow]);
      await writeFile(pipe, said);
      expect(await reads).toEqual({ code: 0, signal: null, stdout: said, stderr: "" });
    }
    const waits = start(runtime, [flow]);
    const writer = await open(pipe, "w");
    waits.child.kill("SIGTERM");
    const { code, signal } = await waits.ended;
    await writer.close();
    expect(code ?? signal).toBeOneOf([143, "SIGTERM"]);
  });

  it("gets events, when its reader is an actor of the flow, comes late, or leaves", async () => {
    const { flow, pipe } = makePipe({
      actors: {
        a: { sh: "seq 1000 >&2; echo hello" },
        reader: { run: ["head", "-n", "1", "pipe"] },
      },
      out: "reader",
    });
    const own = await run(runtime, [flow, "--events", pipe]);
    expect(own.code, own.stderr).toBe(0);
    expect(JSON.parse(own.stdout)).toMatchObject({ type: "run-started" });

    const waits = start(runtime, [flow, "a", "--events", pipe]);
    await until(() => waits.stderr().includes("is not read: waiting for somebody who does"));
    const read = await startCommand(["cat", pipe]).ended;
    const { code, stdout } = await waits.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "hello\n" });
    const types = read.stdout.trim().split("\n").map((line) => (JSON.parse(line) as { type: string }).type);
    expect([types.at(0), types.at(-1)]).toEqual(["run-started", "run-ended"]);
    expect(types.filter((type) => type === "stderr")).toHaveLength(1000);
  });

  it("that gets events and is not read holds up neither the flow nor a signal", async () => {
    const { flow, pipe } = makePipe({ actors: { a: { sh: "echo hello; exec sleep 1000" } } });
    const waits = start(runtime, [flow, "--events", pipe]);
    await until(() => waits.stdout().includes("hello"));
    waits.child.kill("SIGTERM");
    const { code, stderr } = await waits.ended;
    expect(code).toBe(143);
    expect(stderr).toContain(
      `Cannot write events to "${pipe}": nobody has read it (the rest of them is lost)`,
    );
  });
});
