/** What a run of the library opens it closes, whatever the flow is made of. */
import { describe, expect, it } from "vitest";
import { runScript } from "./library_rig.ts";
import { makeFolder, runtimes } from "./rig.ts";

describe.each(runtimes)("run() on $name", (runtime) => {
  it("leaves no descriptor open", async () => {
    const said = await runScript(
      runtime,
      `
      const seq = { run: ["seq", "1000"] };
      const cat = (from, more = {}) => ({ run: ["cat"], in: from, ...more });
      const flows = {
        "one of each": [
          flow({
            actors: {
              a: seq,
              file: { file: "script.ts" },
              worked: cat("a", { workers: 2 }),
              retried: cat("a", { retry: { max: 1 } }),
              cached: cat("a", { cache: true }),
              named: { run: ["cat", "{in.x}"], in: { x: { from: "a", as: "file" } } },
              keys: { stdin: true },
              piped: cat("a.stderr"),
              joined: cat(["worked", "retried", "cached", "named", "file", "keys", "piped"]),
            },
            out: { "-": "joined", "x.txt": "file" },
          }),
          { db: "run.db" },
        ],
        messages: [
          flow({
            actors: {
              a: { value: { some: 1 } },
              m: {
                protocol: "messages",
                run: ["jq", "-c", "--unbuffered", 'select(.message_type=="Record") | {message}'],
                in: "a",
              },
            },
          }),
          {},
        ],
      };
      const list = () => readdirSync("/proc/self/fd").length;
      for (const [name, [each, options]] of Object.entries(flows)) {
        const go = async () => {
          const { exitCode } = await run(each, { stdout: "capture", stdin: Readable.from(["a"]), ...options });
          if (exitCode !== 0) said[name] = exitCode;
        };
        // What a runtime keeps of the last thread (Deno: its event loop) is there from the second run on.
        for (let runs = 0; runs < 3; runs++) await go();
        const before = list();
        for (let runs = 0; runs < 3; runs++) await go();
        // What a thread has held goes with it, a moment later.
        for (let looks = 0; list() > before && looks < 200; looks++) await new Promise((then) => setTimeout(then, 10));
        if (list() > before) said[name] = list() - before;
      }
      `,
      { cwd: makeFolder({ "script.ts": "a\n" }) },
    );
    expect(said).toEqual({});
  });
});
