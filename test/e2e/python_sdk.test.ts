/** What the engine does for actors in Python: the SDK is found, and what they share goes with the run. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { makeFolder, root, runFlow, runtimes, start, startCommand, until } from "./rig.ts";

const SHARED = "/dev/shm";
const hasShared = readdirSync("/dev").includes("shm");

const python = (program: string) => ({ run: ["python3", "-c", program], protocol: "messages" });

/** A process that holds a buffer, and another one that it has given away to nobody. */
const HOLDS = `
import os, sys
from sluice_actor import Actor, get_memory_pool, run
class Holder(Actor):
    def on_start(self, env):
        pool = get_memory_pool()
        self.kept = pool.acquire(100_000)
        pool.give(pool.acquire(100_000))
        print(os.environ["SLUICE_SHARED"], file=sys.stderr, flush=True)
        self.after()
    def after(self):
        AFTER
run(Holder)
`;

describe.each(runtimes)("actors in Python on $name", (runtime) => {
  test("find the SDK, behind what they have on their path themselves", async () => {
    const program = [
      "import os, mine, sluice_actor",
      "class A(sluice_actor.Actor):",
      "    def on_start(self, env):",
      "        self.emit([mine.NAME, os.environ['PYTHONPATH'].split(':')[0]])",
      "sluice_actor.run(A)",
    ].join("\n");
    const { stdout, stderr, code } = await runFlow(runtime, {
      actors: { a: { ...python(program), env: { PYTHONPATH: "own" } } },
    }, { files: { "own/mine.py": "NAME = 'mine'\n" } });
    expect([stdout, stderr, code]).toEqual(['["mine","own"]\n', "", 0]);
  });

  test("use an SDK that is installed before the one of the engine", async () => {
    const folder = makeFolder({
      "site/sluice_actor.py": 'print(\'{"message": "installed"}\')\n',
      "flow.json": { actors: { a: python("import site; site.addsitedir('site'); import sluice_actor") } },
    });
    const { stdout, code } = await start(runtime, [join(folder, "flow.json")]).ended;
    expect([stdout, code]).toEqual(['"installed"\n', 0]);
  });

  test.skipIf(!hasShared)(
    "exchange arrays of megabytes by handles, and leave nothing when killed",
    async () => {
      const maker = python(`
from sluice_actor import Actor, get_memory_pool, run
class Maker(Actor):
    def on_start(self, env):
        pool = get_memory_pool()
        for n in range(20):
            big = pool.acquire(1_000_000, "float64")
            big.memory[n] = 1.5
            self.send("sum", "Array", {"n": n, "values": pool.give(big)})
run(Maker)
`);
      const sum = python(`
import os, signal
from sluice_actor import Actor, get_memory_pool, run
class Sum(Actor):
    def on_array(self, env):
        big = get_memory_pool().open(env.msg["values"])
        if env.msg.n == 7 and not os.path.exists("killed"):
            open("killed", "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        self.emit([env.msg.n, big.memory[env.msg.n]])
        big.release()
        left = [name for name in os.listdir(os.environ["SLUICE_SHARED"]) if name.startswith("given-")]
        if env.msg.n == 19:
            self.emit([left, os.environ["SLUICE_SHARED"]])
run(Sum)
`);
      const { stdout, code } = await runFlow(runtime, {
        actors: {
          maker,
          sum: { ...sum, delivery: "at-least-once", restart: { policy: "on-failure", backoff: "1ms" } },
        },
        out: "sum",
      });
      const numbers = Array.from({ length: 20 }, (_, n) => JSON.stringify([n, 1.5]));
      const [left = "", ...sums] = stdout.trim().split("\n").reverse();
      expect([sums.reverse(), code]).toEqual([numbers, 0]);
      const [given, shared] = JSON.parse(left);
      expect([given, existsSync(shared)]).toEqual([[], false]);
    },
  );

  test.skipIf(!hasShared)("leave no shared memory behind, however they and the engine end", async () => {
    const ways = {
      killed: "import signal; os.kill(os.getpid(), signal.SIGKILL)",
      failed: "os._exit(3)",
      ended: "pass",
    };
    for (const [way, after] of Object.entries(ways)) {
      const { stderr } = await runFlow(runtime, {
        actors: { holder: python(HOLDS.replace("AFTER", after)) },
      });
      const folder = /\/dev\/shm\/(\S+)/.exec(stderr)?.[1] ?? "none was told";
      expect([way, folder, readdirSync(SHARED).includes(folder)]).toEqual([
        way,
        expect.stringMatching(/^sluice-\d+-\w+-shared$/),
        false,
      ]);
    }
    const folder = makeFolder({
      "flow.json": { actors: { holder: python(HOLDS.replace("AFTER", "import time; time.sleep(1000)")) } },
    });
    const { child, stderr, ended } = start(runtime, [join(folder, "flow.json")]);
    await until(() => stderr().includes(SHARED), stderr);
    const shared = /\/dev\/shm\/(\S+)/.exec(stderr())?.[1] ?? "none was told";
    expect(readdirSync(SHARED)).toContain(shared);
    child.kill("SIGKILL");
    await ended;
    await until(() => !readdirSync(SHARED).includes(shared), () => `${shared} is still there`);
  });

  test("can be used as a library: a flow in Python is run by the engine that is found", async () => {
    const [node = "", ...words] = runtime.command;
    const folder = makeFolder({
      "node_modules/.bin/sluice": `#!/bin/sh\nexec ${
        [node, ...words].map((word) => `'${word}'`).join(" ")
      } "$@"\n`,
      "text.txt": "b\na\nb\n",
      "build.py": [
        "import os",
        "os.chmod('node_modules/.bin/sluice', 0o755)",
        "from sluice_actor import FlowError, flow",
        "made = flow('made', onFailure='continue')",
        "sorted_ = made.shell('sorted', 'sort', [made.file('text', 'text.txt'), made.stdin()])",
        "made.out(made.process('unique', ['uniq', '-c'], sorted_))",
        "result = made.run(stdin='a\\n')",
        "print(result.text.split(), result.report['state'], result.report['actors']['unique']['exitCode'])",
        "print(list(made.lines(stdin=b'a\\n')))",
        "print('unique' in made.tree(), 'sorted' in made.check())",
        "endless = flow()",
        "endless.out(endless.process('yes', ['yes', 'and so on']))",
        "for line in endless.lines():",
        "    print(line)",
        "    break",
        "made.process('wrong', ['uniq'], 'nobody', explian='x')",
        "for given in (made, flow(actors={})):",
        "    try:",
        "        given.run()",
        "    except FlowError as error:",
        "        print(error.code, 'did you mean \"explain\"' in str(error), 'nobody' in str(error))",
        "bad = flow()",
        "bad.out(bad.shell('bad', 'echo zut >&2; exit 3'))",
        "try:",
        "    bad.run()",
        "except FlowError as error:",
        "    print(error.code, error.result.report['actors']['bad']['exitCode'], str(error).split('\\n'))",
        "",
      ].join("\n"),
    });
    mkdirSync(join(folder, "below"));
    const { stdout, stderr, code } = await startCommand(["python3", "build.py"], {
      cwd: folder,
      env: {
        PYTHONPATH: join(root, "actors/python/src"),
        PYTHONDONTWRITEBYTECODE: "1",
        SLUICE_ENGINE: join(folder, "node_modules/.bin/sluice"),
        PATH: process.env["PATH"] ?? "",
      },
    }).ended;
    expect([stdout.split("\n"), stderr, code]).toEqual([
      [
        "['2', 'a', '2', 'b'] done 0",
        "['      2 a', '      2 b']",
        "True True",
        "and so on",
        "2 True True",
        "2 False False",
        "1 3 ['The flow has ended with 1: actor \"bad\": exit 3', '  zut']",
        "",
      ],
      "",
      0,
    ]);
  });
});

test("the example of a flow in Python says what its flow file says", async () => {
  const folder = join(root, "examples/flow_in_python");
  const { stdout, code } = await startCommand(["python3", "words.py", "--json"], {
    cwd: folder,
    env: { PYTHONPATH: join(root, "actors/python/src"), PYTHONDONTWRITEBYTECODE: "1" },
  }).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(folder, "flow.json"), "utf8")));
});
