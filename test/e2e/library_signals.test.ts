import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, root, runtimes, startCommand, until } from "./rig.ts";

/** A program that runs a flow by the library; `options` are TypeScript. */
function script(options: string): string {
  return `
import { flow, run } from "${join(root, "mod.ts")}";
const hello = flow({ actors: { waits: { sh: "echo up >&2; sleep 1000" } } });
const onEvent = (event: { type: string; line?: string }) => {
  if (event.type === "run-started" || event.type === "stderr") console.log(event.line ?? "started");
};
await run(hello, { onEvent, ${options} }).then(
  ({ state, exitCode }) => console.log(state, exitCode),
  (error) => console.log("rejected:", error.message),
);
`;
}

describe.each(runtimes)("run() on $name", ({ name, command }) => {
  const start = (options: string) => {
    const file = join(makeFolder({ "script.ts": script(options) }), "script.ts");
    const config = name === "deno" ? ["--config", join(root, "deno.json")] : [];
    return startCommand([...command.slice(0, -1), ...config, file]);
  };

  it("stops on signals of the process when it is told to", async () => {
    const { child, ended, stdout, stderr } = start("stopsOnSignals: true");
    await until(() => stdout().includes("up"), () => `${stdout()}${stderr()}`);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0, stdout: "started\nup\nstopped 130\n", stderr: "" });
  });

  it("gives the plan to onPlanned before anything is started, and rejects with what it throws", async () => {
    const options = `onPlanned: async ({ actors }) => {
      await Promise.resolve();
      throw new Error("planned " + actors.map(({ name }) => name).join(" "));
    }`;
    expect(await start(options).ended).toMatchObject({
      code: 0,
      stdout: "rejected: planned waits\n",
      stderr: "",
    });
  });
});
