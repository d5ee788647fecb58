/** The three questions of bench/semantics.ts with each tool: node semantics.mjs TOOL QUESTION SLEEP */
const [, , tool, question, time] = process.argv;
const lines = {
  middle: ["seq 3", ["sh", "-c", "cat; exit 3"], "cat"],
  head: ["yes", "head -1"],
  sleeps: [`sleep ${time}`, `sleep ${time}`, ["sh", "-c", `sleep ${time} & wait`]],
}[question].map((part) => typeof part === "string" ? part.split(" ") : part);
if (tool === "execa") {
  const { execa } = await import("execa");
  let chain;
  for (const [file, ...args] of lines) {
    const options = { buffer: false, stdout: "pipe" };
    chain = chain === undefined ? execa(file, args, options) : chain.pipe(file, args, options);
  }
  await chain;
} else if (tool === "zx") {
  const { $ } = await import("zx");
  let chain;
  for (const words of lines) chain = chain === undefined ? $`${words}` : chain.pipe($`${words}`);
  await chain;
} else {
  const $ = tool === "dax" ? (await import("dax")).default : (await import("bun")).$;
  const [a, b, c] = lines;
  const result = c === undefined ? $`${a} | ${b}` : $`${a} | ${b} | ${c}`;
  const { code, exitCode } = await (tool === "dax" ? result.noThrow() : result.nothrow());
  process.exitCode = code ?? exitCode;
}
