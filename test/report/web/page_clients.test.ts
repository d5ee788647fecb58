import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { applyChange } from "../../../lib/report/web/apply_change.ts";
import type { PageChange } from "../../../lib/report/web/page_change.ts";
import { PageClients } from "../../../lib/report/web/page_clients.ts";
import { pageOfPlan } from "../../../lib/report/web/page_of_plan.ts";
import type { PageRun } from "../../../lib/report/web/page_run.ts";
import { RunModel } from "../../../lib/report/web/run_model.ts";
import { planOf } from "./plan_of.ts";

const START = { use: "live", engine: "sluice", pid: 7, mayControl: true, talks: [], at: 1_000 } as const;

test("PageClients tells whoever comes late what ends later, and nothing twice", async () => {
  const model = new RunModel(pageOfPlan(planOf({ actors: { a: { run: ["seq", "9"] } } }), START));
  const clients = new PageClients(model);
  const server = createServer((_, response) => void clients.add(response));
  onTestFinished(() => {
    clients.close();
    server.close();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  model.note({ at: 1_100, type: "actor-started", actor: "a", pid: 9, command: ["a"] });
  model.note({ at: 1_200, type: "stderr", actor: "a", line: "one" });
  model.notePaused("a", { isPaused: true, at: 1_300 });

  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  const { body } = await fetch(`http://127.0.0.1:${port}/`);
  if (body === null) throw new Error("the server says nothing");
  let text = "";
  let page: PageRun | undefined;
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [event, data = ""] = text.slice(0, end).split("\ndata: ");
      text = text.slice(end + 2);
      if (event === "event: snapshot") {
        // The server wrote them.
        page = JSON.parse(data) as PageRun;
        expect(page.actors[0]).toMatchObject({ isPaused: true, stderr: ["one"] });
        model.notePaused("a", { isPaused: false, at: 1_400 });
      } else if (page !== undefined) page = applyChange(page, JSON.parse(data) as PageChange);
    }
    if (page?.actors[0]?.isPaused !== true) break;
    if (page.pieces[0]?.to !== undefined) break;
  }
  expect(page).toEqual(JSON.parse(JSON.stringify(model.whole())));
});
