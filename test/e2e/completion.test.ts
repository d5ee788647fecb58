/** Completion, asked of the real shells. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { makeFolder, root, run, runtimes } from "./rig.ts";

const FLOW = {
  params: { needed: {} },
  sets: { s: { values: ["x", "y"] } },
  actors: {
    count: { each: "s", run: ["wc"] },
    clean: { use: "in.json" },
    other: { value: "{param.needed}" },
  },
};
const INNER = { actors: { words: { run: ["cat"] } } };

/** A folder with a program `sluice` in `bin`, and flows. */
function makeHome(): { readonly folder: string; readonly env: Record<string, string> } {
  const { needed: _, ...params } = FLOW.params;
  const folder = makeFolder({
    "flow.json": FLOW,
    "in.json": INNER,
    "whole.json": { ...FLOW, params, actors: { ...FLOW.actors, other: { value: "" } } },
    "bin/sluice": "",
  });
  const [node] = runtimes[0].command;
  writeFileSync(join(folder, "bin/sluice"), `#!/bin/sh\nexec '${node}' '${join(root, "mod.ts")}' "$@"\n`);
  chmodSync(join(folder, "bin/sluice"), 0o755);
  mkdirSync(join(folder, "flows dir"));
  return {
    folder,
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, HOME: folder },
  };
}

const hasShell = (name: string): boolean => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;

describe.each(runtimes)("words on $name", (runtime) => {
  it("are commands, options, values, actors and files", async () => {
    const { folder } = makeHome();
    const wordsFor = async (...words: string[]): Promise<string[]> =>
      (await run(runtime, ["completion", "words", "--", ...words], { cwd: folder })).stdout.trimEnd().split(
        "\n",
      );
    expect(await wordsFor("c")).toEqual(["files", "check", "completion", "cache"]);
    expect(await wordsFor("graph", "--format", "")).toEqual(["words", "mermaid", "dot", "svg"]);
    expect(await wordsFor("whole.json", "c")).toEqual(["words", "clean", "count", "clean/words"]);
  });
});

describe("words", () => {
  it("are what may stand at the cursor", async () => {
    const { folder } = makeHome();
    const wordsFor = async (...words: string[]): Promise<string> =>
      (await run(runtimes[2], ["completion", "words", "--", ...words], { cwd: folder })).stdout.trimEnd()
        .split("\n").join(" ");
    expect(await wordsFor("run", "--stop-")).toBe("words --stop-before --stop-after");
    expect(await wordsFor("flow.json", "")).toBe("words count clean other");
    expect(await wordsFor("--stop-after", "o")).toBe("words other");
    expect(await wordsFor("-j", "2", "flow.json", "--db", "")).toBe("files");
    expect(await wordsFor("check", "flow.json", "")).toBe("words");
    expect(await wordsFor("none.json", "")).toBe("words");
    expect(await wordsFor("completion", "")).toBe("words bash zsh fish");
  });

  it("are for shells that are known", async () => {
    const { code, stderr } = await run(runtimes[2], ["completion", "tcsh"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        'Cannot complete for "tcsh" (expected sluice completion bash, zsh, fish)',
      ),
    });
  });
});

describe("completion in", () => {
  it("bash", () => {
    const { folder, env } = makeHome();
    const script = `source <(sluice completion bash)
ask() { COMP_WORDS=(sluice "$@"); COMP_CWORD=$#; _sluice; printf '%s|' "\${COMPREPLY[@]}"; echo; }
ask gr; ask --dry; ask whole.json co; ask wh; ask "flows d"; ask run flow.json --stop-after cl`;
    const said = execFileSync("bash", ["-c", script], { cwd: folder, env, encoding: "utf8" });
    expect(said).toBe("graph|\n--dry-run|\ncount|\nwhole.json|\nflows dir|\nclean|\n");
  });

  it.skipIf(!hasShell("zsh"))("zsh", () => {
    const { folder, env } = makeHome();
    // Its own ways of showing words are asked for a line, not drawn on a terminal.
    const script = `autoload -Uz compinit; compinit -u -D
source <(sluice completion zsh)
compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rn -- "\${(j:|:)\${(M)@:#\${words[CURRENT]}*}}"; }
_files() { print -rn -- " files"; }
ask() { words=(sluice "$@"); CURRENT=$(( $# + 1 )); _sluice; print; }
ask gr; ask --dry; ask whole.json co; ask flow.json --db x`;
    const said = execFileSync("zsh", ["-fc", script], { cwd: folder, env, encoding: "utf8" });
    expect(said).toBe("graph files\n--dry-run\ncount\n files\n");
  });

  it.skipIf(!hasShell("fish"))("fish", () => {
    const { folder, env } = makeHome();
    const script = `sluice completion fish | source
for line in 'sluice gr' 'sluice --dry' 'sluice whole.json co' 'sluice whole.j'
  complete -C "$line" | string join '|'
end; true`;
    const said = execFileSync("fish", ["--no-config", "-c", script], { cwd: folder, env, encoding: "utf8" });
    expect(said).toBe("graph\n--dry-run\ncount\nwhole.json\n");
  });
});
