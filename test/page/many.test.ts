/** Very many actors: the page draws what is seen, and what it holds is bounded. */
import { expect, test as anyTest } from "vitest";
import { layPicture } from "../../lib/report/web/lay_picture.ts";
import { pageRun } from "../report/web/page_runs.ts";
import { chromiumPath, closeWell, openPage, serve } from "./browser.ts";
import { changeOfMany, COUNT_FRAMES, manyActors } from "./many_actors.ts";

const test = anyTest.skipIf(chromiumPath === undefined);
const ACTORS = 2_000;

const { actors, edges } = manyActors(ACTORS);

test("2,000 actors are drawn while all of them change; memory stays flat", async () => {
  const { server, url } = await serve(pageRun({ actors, edges }));
  const page = await openPage(url);
  await page.getByRole("listbox", { name: "Actors" }).waitFor();
  expect(await page.getByRole("option").count()).toBeLessThan(60);
  const session = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  let round = 0;
  const change = (): void => {
    round += 1;
    server.change(changeOfMany(actors, { round, parts: 4 }));
  };
  const rounds = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      change();
      await page.locator(".elapsed").getByText(elapsed(round), { exact: true }).waitFor();
    }
  };
  await rounds(25);
  const before = await heap();
  await rounds(50);
  const grown = await heap() - before;
  expect(grown, "bytes of the heap after as many changes again").toBeLessThan(8 * 1024 * 1024);

  const timer = setInterval(change, 200);
  const frames = Number(await page.evaluate(COUNT_FRAMES));
  clearInterval(timer);
  console.log(
    `${ACTORS} actors, 500 of them changed five times a second: ${frames.toFixed(1)} frames a second; heap ${
      (before / 1024 / 1024).toFixed(1)
    } MiB, grown by ${(grown / 1024 / 1024).toFixed(2)} MiB`,
  );
  // A loose check: how fast it is depends on what else runs.
  expect(frames).toBeGreaterThan(2);
  await closeWell(page);
}, 180_000);

test("of 2,000 actors those that are seen are drawn, and chosen where they are seen", async () => {
  const { url } = await serve(pageRun({ actors, edges }));
  const page = await openPage(url);
  const line = page.getByRole("application", { name: `Time line of ${ACTORS} actors` });
  await line.waitFor();
  const heights = await page.evaluate("[...document.querySelectorAll('canvas')].map(({ height }) => height)");
  expect(Math.max(...heights as number[]), "the height of the canvases").toBeLessThanOrEqual(800);
  const chosen = page.getByRole("complementary", { name: "Actor" });
  await line.evaluate((element) => element.scrollTop = 1_500 * 22);
  await line.locator("canvas").click({ position: { x: 20, y: 24 + 11 } });
  await chosen.getByRole("heading", { name: "actor1500" }).waitFor();
  const list = page.getByRole("listbox", { name: "Actors" });
  await list.evaluate((element) => element.scrollTop = 1_000 * 38);
  await list.getByRole("option", { name: "actor1003" }).click();
  await chosen.getByRole("heading", { name: "actor1003" }).waitFor();
  await closeWell(page);
});

test("a line that looks different is drawn anew, and only then", async () => {
  const layout = await layPicture(pageRun({ actors, edges }), []);
  const { server, url } = await serve(pageRun({ actors, edges, layout }));
  const page = await openPage(url);
  await page.getByRole("application", { name: `Graph of ${ACTORS} actors` }).waitFor();
  const picture = (): Promise<unknown> =>
    page.evaluate("document.querySelector('.graph canvas').toDataURL()");
  await page.evaluate(`{
    const { stroke } = CanvasRenderingContext2D.prototype;
    globalThis.strokes = 0;
    CanvasRenderingContext2D.prototype.stroke = function (...path) {
      globalThis.strokes += 1;
      return stroke.apply(this, path);
    };
  }`);
  const before = await picture();
  server.change({ edges: [{ id: 0, waits: "writer" }] });
  await expect.poll(picture).not.toBe(before);
  server.change({ edges: [{ id: 0, waits: "reader" }] });
  await expect.poll(picture).toBe(before);
  const drawn = await page.evaluate("strokes");
  server.change({ actors: actors.map(({ name }) => ({ name, state: "done" as const })) });
  await expect.poll(picture).not.toBe(before);
  expect(await page.evaluate("strokes")).toBe(drawn);
  await closeWell(page);
});

function elapsed(round: number): string {
  const tenths = Math.round((10_000 + round * 200) / 100);
  return `${(tenths / 10).toFixed(1).replace(/\.0$/, "")} s`;
}
