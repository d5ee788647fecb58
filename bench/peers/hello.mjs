/** The smallest pipeline with each tool: node hello.mjs TOOL */
const [, , tool] = process.argv;
if (tool === "execa") {
  const { $ } = await import("execa");
  console.log((await $`echo hi`.pipe`cat`).stdout);
} else if (tool === "zx") {
  const { $ } = await import("zx");
  console.log((await $`echo hi | cat`).stdout.trim());
} else if (tool === "dax") {
  const { default: $ } = await import("dax");
  console.log(await $`echo hi | cat`.text());
} else if (tool === "bun-shell") {
  const { $ } = await import("bun");
  console.log((await $`echo hi | cat`.text()).trim());
}
