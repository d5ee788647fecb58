/** What is shared with whoever uses the library is left as it was found, and not given to actors. */
import { describe, expect, it } from "vitest";
import { runScript } from "./library_rig.ts";
import { runtimes } from "./rig.ts";

describe.each(runtimes)("run() on $name", (runtime) => {
  it("gives actors no descriptor of the host, and leaves the host's as they are", async () => {
    const said = await runScript(
      runtime,
      `
      const { readFileSync } = await import("node:fs");
      const flags = (fd) => /flags:\\s+(\\d+)/.exec(readFileSync("/proc/self/fdinfo/" + fd, "utf8"))[1];
      const before = [flags(200), flags(41)];
      const given = await run(flow({
        actors: {
          a: { run: ["sh", "-c", "ls /proc/self/fd | wc -l; readlink /proc/self/fd/200 /proc/self/fd/41; :"] },
          b: { run: ["sh", "-c", "cd /proc/self/fd; echo *; readlink 200 41; echo x >&9"], outputs: { more: 9 } },
          c: { run: ["cat"], in: "b.more" },
        },
        out: ["a", "b", "c"],
      }), { stdout: "capture", stdin: "ignore" });
      said.given = new TextDecoder().decode(given.stdout);
      said.kept = [flags(200), flags(41)].join() === before.join();
      `,
      {},
      ["bash", "-c", 'exec 200</dev/zero 41</dev/zero; exec "$@"', "bash"],
    );
    // Of \`ls\` itself the folder; the shell of b has what it was given, and what \`echo *\` reads.
    expect(said).toMatchObject({ given: expect.stringMatching(/^4\n0 1 2 (3 )?9\nx\n$/), kept: true });
  });
});
