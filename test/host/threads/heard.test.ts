import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { makeHeard, noteHeard } from "../../../lib/host/threads/heard.ts";

const TOLD = 3000;
const UNHEARD_MAX = 50;

test("waitUntilHeard() bounds what a thread tells before it is heard", async () => {
  const heard = makeHeard();
  const told = new Int32Array(new SharedArrayBuffer(4));
  const teller = `
    import { workerData, parentPort } from "node:worker_threads";
    import { waitUntilHeard } from ${
    JSON.stringify(new URL("../../../lib/host/threads/heard.ts", import.meta.url).href)
  };
    for (let told = 1; told <= ${TOLD}; told++) {
      Atomics.store(workerData.told, 0, told);
      parentPort.postMessage(told);
      waitUntilHeard(workerData.heard, { told, unheardMax: ${UNHEARD_MAX} });
    }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(teller)}`), {
    workerData: { heard, told },
  });
  let most = 0;
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", () => {
      most = Math.max(most, Atomics.load(told, 0) - count);
      count += 1;
      noteHeard(heard, 1);
      if (count === TOLD) resolve();
    });
  });
  await worker.terminate();
  expect([count, most <= UNHEARD_MAX + 1]).toEqual([TOLD, true]);
});
