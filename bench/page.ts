/**
 * `npm run bench:page -- ACTORS MINUTES`: how the page of a run with very many actors holds out in a browser: frames a
 * second, and the heap of the page while a tenth of the actors change five times a second, with lines, messages and
 * pieces of the time line. The server is that of the tests, the browser Debian's Chromium.
 */
import process from "node:process";
import type { PageActor } from "../lib/report/web/page_actor.ts";
import { chromiumPath, launch } from "../test/page/chromium.ts";
import { PageServer } from "../test/page/page_server.ts";
import { pageActor, pageRun, START } from "../test/report/web/page_runs.ts";

const [count = 10_000, minutes = 10] = process.argv.slice(2).map(Number);
const ROUND_MS = 200;

if (chromiumPath === undefined) throw new Error("no Chromium is installed (apt-get install chromium)");

const actors: readonly PageActor[] = Array.from({ length: count }, (_, at) => pageActor(`actor${at}`));
const edges = actors.slice(1).map(({ name }, at) => ({
  id: at,
  from: `actor${Math.floor(at / 3)}`,
  fromActor: `actor${Math.floor(at / 3)}`,
  to: name,
  toActor: name,
  carrier: "relay" as const,
  reason: "many",
  isOnCycle: false,
  state: "open" as const,
}));

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
const timer = setInterval(() => server.change(changeOf(round += 1)), ROUND_MS);
const heaps: number[] = [];
for (let at = 0; at <= minutes; at += 1) {
  await new Promise((settle) => setTimeout(settle, at === 0 ? 10_000 : 60_000));
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  heaps.push(usedSize / 1024 / 1024);
  const frames = Number(await page.evaluate(countFrames()));
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

function changeOf(at: number) {
  const time = START + 10_000 + at * ROUND_MS;
  const tenth = Math.ceil(count / 10);
  const changed = actors.slice((at % 10) * tenth, (at % 10 + 1) * tenth);
  return {
    run: { at: time },
    actors: changed.map(({ name }, index) => ({
      name,
      rateOut: at * 1_000 + index,
      bytesOut: at * 1_000,
      waiting: {
        does: (at + index) % 2 === 0 ? "read" as const : "write" as const,
        waitsFor: "actor0",
        since: time,
      },
    })),
    stderr: changed.slice(0, 50).map(({ name }) => ({ actor: name, lines: [`line ${at}`, "x".repeat(50)] })),
    messages: Array.from({ length: 50 }, (_, index) => ({
      number: at * 50 + index,
      at: time,
      step: "sent" as const,
      id: `${at}-${index}`,
      type: "T",
      sender: "actor0",
      receiver: "actor1",
      bytes: 1,
    })),
    pieces: changed.slice(0, 100).map(({ name }, index) => ({
      id: at * 100 + index,
      actor: name,
      does: "read" as const,
      from: time,
      to: time + 100,
      waitsFor: "actor0",
    })),
  };
}

/** In the browser: frames a second, over three seconds. */
function countFrames(): string {
  return `new Promise((done) => {
    const begin = performance.now();
    let count = 0;
    const next = () => {
      count += 1;
      const ms = performance.now() - begin;
      if (ms < 3000) requestAnimationFrame(next);
      else done(count / ms * 1000);
    };
    requestAnimationFrame(next);
  })`;
}
