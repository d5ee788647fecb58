/**
 * `npm run bench:page -- ACTORS MINUTES`: how the page of a run with very many actors holds out in a browser: frames a
 * second, and the heap of the page while a tenth of the actors change five times a second, with lines, messages and
 * pieces of the time line. The server is that of the tests, the browser Debian's Chromium.
 */
import process from "node:process";
import { chromiumPath, launch } from "../test/page/chromium.ts";
import { changeOfMany, COUNT_FRAMES, manyActors } from "../test/page/many_actors.ts";
import { PageServer } from "../test/page/page_server.ts";
import { pageRun } from "../test/report/web/page_runs.ts";

const [count = 10_000, minutes = 10] = process.argv.slice(2).map(Number);
const ROUND_MS = 200;

if (chromiumPath === undefined) throw new Error("no Chromium is installed (apt-get install chromium)");

const { actors, edges } = manyActors(count);
const server = new PageServer(pageRun({ actors, edges }));
const browser = await launch();
const page = await browser.newPage();
const begun = performance.now();
await page.goto(await server.listen());
await page.getByRole("listbox", { name: "Actors" }).waitFor();
console.log(
  `${count} actors: shown after ${((performance.now() - begun) / 1000).toFixed(1)} s, ${browser.version()}`,
);
const session = await page.context().newCDPSession(page);

let round = 0;
const timer = setInterval(
  () => server.change(changeOfMany(actors, { round: round += 1, parts: 10 })),
  ROUND_MS,
);
const heaps: number[] = [];
for (let at = 0; at <= minutes; at += 1) {
  await new Promise((settle) => setTimeout(settle, at === 0 ? 10_000 : 60_000));
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  heaps.push(usedSize / 1024 / 1024);
  const frames = Number(await page.evaluate(COUNT_FRAMES));
  console.log(
    `minute ${at}: heap ${heaps.at(-1)?.toFixed(1)} MiB, ${
      frames.toFixed(1)
    } frames a second, ${round} changes`,
  );
}
clearInterval(timer);
console.log(`grown from minute 1 on by ${((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)).toFixed(1)} MiB`);
await browser.close();
await server.close();
