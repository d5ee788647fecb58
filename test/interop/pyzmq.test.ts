/** A program with pyzmq, which is ZeroMQ itself, and actors of a flow, both ways, on each runtime. */
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../e2e/remote_rig.ts";
import { makeFolder, root, runFlow, runtimes, startCommand, type Started } from "../e2e/rig.ts";
import { join } from "node:path";
import { findPyzmq } from "./pyzmq.ts";

const found = findPyzmq();
if ("missing" in found) console.warn(`interop with pyzmq skipped: ${found.missing}`);
const started: Started[] = [];

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill();
    await ended;
  }
});

const PING = `
import sys
sys.path.insert(0, ${JSON.stringify(join(root, "actors/python/src"))})
from sluice_actor import Actor, RemoteActorRef, run

class Ping(Actor):
    def on_hello(self, env):
        self.emit({"hello": len(env.msg.long), "from": env.sender.name})
        self.pong = RemoteActorRef("pong", self.args["endpoint"])
        for n in range(2000):
            self.pong.send("Ping", self._actor_ref, {"n": n})

    def on_pong(self, env):
        self.count = getattr(self, "count", 0)
        assert env.msg.n == self.count, (env.msg.n, self.count)
        self.count += 1
        if self.count == 2000:
            self.emit({"asked": self.pong.ask("Ping", self, {"n": -1}, timeout=60).n, "declared": self.ask("far", "Ping", {"n": -2}, timeout=60).n})
            self.finish()

run(Ping)
`;

describe.each(runtimes)("on $name", (runtime) => {
  test.skipIf("missing" in found).each(["tcp", "ipc"])(
    "a program with pyzmq talks to a flow over %s",
    async (kind) => {
      const folder = makeFolder({ "ping.py": PING });
      const [here, there] = kind === "ipc"
        ? [`ipc://${folder}/a`, `ipc://${folder}/b`]
        : [`tcp://127.0.0.1:${await freePort()}`, `tcp://127.0.0.1:${await freePort()}`];
      const python = "python" in found ? found.python : "";
      started.push(startCommand([python, join(root, "test/interop/peer.py"), there ?? "", here ?? ""]));
      const { stdout, stderr, code } = await runFlow(runtime, {
        endpoint: here,
        actors: {
          ping: { run: ["python3", `${folder}/ping.py`], protocol: "messages", args: { endpoint: there } },
          far: { remote: there, actor: "pong" },
        },
      });
      expect(stdout, stderr).toBe('{"hello":100000,"from":"far"}\n{"asked":-1,"declared":-2}\n');
      expect(code, stderr).toBe(0);
    },
  );
});
