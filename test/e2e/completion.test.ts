/** What is completed; completion_shells.test.ts has the shells. */
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

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
const CHOOSING = {
  params: { lang: { default: "en", choices: ["en", "de"] }, all: { default: true, type: "boolean" }, n: {} },
  actors: { text: { stdin: true }, stop: { input: "stop" } },
};

function makeFlows(): string {
  const { needed: _, ...params } = FLOW.params;
  const whole = { ...FLOW, params, actors: { ...FLOW.actors, other: { value: "" } } };
  return makeFolder({ "flow.json": FLOW, "in.json": INNER, "whole.json": whole, "choosing.json": CHOOSING });
}

describe.each(runtimes)("words on $name", (runtime) => {
  it("are commands, options, values, actors and files", async () => {
    const folder = makeFlows();
    const wordsFor = async (...words: string[]): Promise<string[]> =>
      (await run(runtime, ["completion", "words", "--", ...words], { cwd: folder })).stdout.trimEnd().split(
        "\n",
      );
    expect(await wordsFor("c")).toEqual(["files", "", "check", "completion", "cache"]);
    expect(await wordsFor("graph", "--format", "")).toEqual(["words", "", "mermaid", "dot", "svg"]);
    expect(await wordsFor("whole.json", "c")).toEqual(["words", "", "clean", "count", "clean/words"]);
    expect(await wordsFor("whole.json", "count[")).toEqual(["words", "", "count[x]", "count[y]"]);
  });
});

describe("words", () => {
  it("are what may stand at the cursor", async () => {
    const folder = makeFlows();
    const wordsFor = async (...words: string[]): Promise<string> =>
      (await run(runtimes[2], ["completion", "words", "--", ...words], { cwd: folder })).stdout.trimEnd()
        .split("\n").join(" ");
    expect(await wordsFor("run", "--stop-")).toBe("words  --stop-before --stop-after");
    expect(await wordsFor("schema", "-")).toBe("words  --help --no-color");
    expect(await wordsFor("flow.json", "")).toBe("words  count clean other");
    expect(await wordsFor("--stop-after", "o")).toBe("words  other");
    expect(await wordsFor("--stop-after=o")).toBe("words  --stop-after=other");
    expect(await wordsFor("-j", "2", "flow.json", "--db", "")).toBe("files");
    expect(await wordsFor("--db=a")).toBe("files --db=");
    expect(await wordsFor("check", "flow.json", "")).toBe("words");
    expect(await wordsFor("none.json", "")).toBe("words");
    expect(await wordsFor("completion", "")).toBe("words  bash zsh fish");
    expect(await wordsFor("messages", "")).toBe("files");
  });

  it("are the parameters and inputs of the flow, with their values", async () => {
    const folder = makeFlows();
    const wordsFor = async (...words: string[]): Promise<string> =>
      (await run(runtimes[2], ["completion", "words", "--", "choosing.json", ...words], { cwd: folder }))
        .stdout
        .trimEnd().split("\n").join(" ");
    expect(await wordsFor("--set", "")).toBe("words  lang= all= n=");
    expect(await wordsFor("--set", "lang=")).toBe("words  lang=en lang=de");
    expect(await wordsFor("--set", "all=t")).toBe("words  all=true");
    expect(await wordsFor("--in", "")).toBe("words  stdin= stop=");
    expect(await wordsFor("--in", "stop=a")).toBe("files stop=");
    expect(await wordsFor("--in=stop=a")).toBe("files --in=stop=");
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
