/** `head -c SIZE /dev/zero | cat … | wc -c` with what people script with: node chain.mjs TOOL COUNT SIZE */
const [, , tool, count, size] = process.argv;
const cats = Array.from({ length: Number(count) });
if (tool === "execa") {
  const { execa } = await import("execa");
  let chain = execa({ buffer: false })`head -c ${size} /dev/zero`;
  for (const _ of cats) chain = chain.pipe({ buffer: false })`cat`;
  console.log((await chain.pipe`wc -c`).stdout);
} else if (tool === "zx") {
  const { $ } = await import("zx");
  let chain = $`head -c ${size} /dev/zero`;
  for (const _ of cats) chain = chain.pipe($`cat`);
  console.log((await chain.pipe($`wc -c`)).stdout);
} else if (tool === "dax") {
  const { default: $ } = await import("dax");
  console.log(await $.raw`head -c ${size} /dev/zero ${cats.map(() => "| cat").join(" ")} | wc -c`.text());
} else if (tool === "bun-shell") {
  const { $ } = await import("bun");
  const line = `head -c ${size} /dev/zero ${cats.map(() => "| cat").join(" ")} | wc -c`;
  console.log(await $`${{ raw: line }}`.text());
}
