/** The streams that a caller of the library gives for standard input and output: what breaks them is told. */
import { describe, expect, it } from "vitest";
import { runScript } from "./library_rig.ts";
import { runtimes } from "./rig.ts";

describe.each(runtimes)("run() on $name", (runtime) => {
  it("tells a stdin that breaks, that is closed early, or was broken before", async () => {
    const said = await runScript(
      runtime,
      `
      const broken = () => Readable.from((async function* () { yield "a\\n"; throw new Error("cable cut"); })());
      await tell("breaks", () => run(copy, { stdout: "capture", stdin: broken() }));
      const closed = new PassThrough();
      closed.write("a\\n", () => closed.destroy());
      await tell("closed", () => run(copy, { stdout: "capture", stdin: closed }));
      const before = new PassThrough();
      before.on("error", () => undefined).destroy(new Error("long ago"));
      await tell("before", () => run(copy, { stdout: "capture", stdin: before }));
      await tell("objects", () => run(copy, { stdout: "capture", stdin: Readable.from([{ a: 1 }]) }));
      const web = (pull) => new ReadableStream({ pull });
      await tell("web", () => run(copy, { stdout: "capture", stdin: web(() => { throw new Error("torn"); }) }));
      `,
    );
    const read = (errno: string, reason: string) => [1, ["read", errno, reason]];
    expect(said).toEqual({
      breaks: read("Error", "cable cut"),
      closed: read("Error", "the stream was closed before its end"),
      before: read("Error", "long ago"),
      objects: read("TypeError", "a stream gave something else than bytes or text"),
      web: read("Error", "torn"),
    });
  });

  it("refuses streams that somebody else reads or writes, before anything is started", async () => {
    const said = await runScript(
      runtime,
      `
      const told = [];
      const onEvent = (event) => told.push(event.type);
      const stdin = new ReadableStream({ pull: (to) => to.close() });
      stdin.getReader();
      await tell("read", () => run(copy, { stdout: "capture", stdin, onEvent }));
      const stdout = new WritableStream();
      const writer = stdout.getWriter();
      await tell("written", () => run(hello, { stdout, onEvent }));
      said.told = told;
      writer.releaseLock();
      await tell("free again", () => run(hello, { stdout }));
      `,
    );
    const refused = (option: string): readonly string[] => [
      "rejected",
      expect.stringContaining(
        `Cannot use option "${option}": it is a locked stream: somebody else uses it (expected `,
      ),
    ];
    expect(said).toEqual({
      read: refused("stdin"),
      written: refused("stdout"),
      told: [],
      "free again": [0],
    });
  });

  it("tells a stdout that breaks, that has ended or is destroyed", async () => {
    const said = await runScript(
      runtime,
      `
      const failing = () => new Writable({ write: (_, __, done) => done(new Error("disk on fire")) });
      await tell("breaks", () => run(hello, { stdout: failing() }));
      await tell("ended", () => run(hello, { stdout: new PassThrough().end() }));
      await tell("destroyed", () => run(hello, { stdout: new PassThrough().destroy() }));
      const slow = new PassThrough({ highWaterMark: 1 });
      slow.once("data", () => slow.destroy());
      await tell("destroyed under way", () => run(flow({ actors: { yes: { run: ["yes"] } } }), { stdout: slow }));
      const gone = () => new Writable({
        write: (_, __, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
      });
      await tell("reader left", () => run(hello, { stdout: gone() }));
      await tell("web", () => run(hello, {
        stdout: new WritableStream({ write() { throw new Error("no more paper"); } }),
      }));
      `,
    );
    const write = (reason: string) => [1, ["write", "Error", reason]];
    expect(said).toEqual({
      breaks: write("disk on fire"),
      ended: write("the stream was closed before all was written"),
      destroyed: write("the stream was closed before all was written"),
      "destroyed under way": write("the stream was closed before all was written"),
      "reader left": [0],
      web: write("no more paper"),
    });
  });

  it("reads and writes streams of Node and of the web, and leaves the target open and without listeners", async () => {
    const said = await runScript(
      runtime,
      `
      const big = new Uint8Array(300_000).fill(97);
      const source = () => new ReadableStream({
        start(to) { to.enqueue(big); to.enqueue("text\\n"); to.close(); },
      });
      let bytes = 0;
      const web = new WritableStream({ write(chunk) { bytes += chunk.length; } });
      await run(copy, { stdin: source(), stdout: web });
      await run(copy, { stdin: Readable.from([big, "text\\n"]), stdout: web });
      const node = new Writable({ write(chunk, _, done) { bytes += chunk.length; done(); } });
      await run(copy, { stdin: source(), stdout: node });
      const twice = await run(copy, { stdin: { text: "b\\n" }, stdout: node });
      await web.close();
      said.bytes = bytes;
      said.listeners = [node.listenerCount("error"), node.listenerCount("close"), node.writableEnded];
      said.code = twice.exitCode;
      `,
    );
    expect(said).toEqual({ bytes: 3 * 300_005 + 2, listeners: [0, 0, false], code: 0 });
  });

  it("a stream whose chunks are all there lets timers of the host come", async () => {
    const said = await runScript(
      runtime,
      `
      let chunks = 0;
      let isTime = false;
      const stdin = new Readable({
        read() {
          if (chunks === 0) setTimeout(() => isTime = true, 1);
          this.push(isTime || chunks === 5_000_000 ? null : "a");
          chunks += 1;
        },
      });
      const { exitCode } = await run(copy, { stdin, stdout: "ignore" });
      said.isTime = isTime;
      said.exitCode = exitCode;
      `,
    );
    expect(said).toEqual({ isTime: true, exitCode: 0 });
  });
});
