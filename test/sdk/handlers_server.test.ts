/** The Unix-socket server as a server: loading, framing, clients that misbehave, files, signals. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeFolder, startCommand, until } from "../e2e/rig.ts";
import { askAt, exchange, frame, framesOf, handlers, program, serve, stopServers } from "./socket_rig.ts";

const clients: Socket[] = [];

afterEach(async () => {
  for (const each of clients.splice(0)) each.destroy();
  await stopServers();
});

const route = { actors: ["a"], current: 0 };
const request = (payload: unknown) => JSON.stringify({ id: "1", route, payload });

/** A connection that stays open. */
function client(path: string): Socket {
  const socket = connect(path);
  socket.on("error", () => undefined);
  clients.push(socket);
  return socket;
}

describe("loading a handler", () => {
  test.each([
    ["cases.Predictor.predict", { count: 11, pid: expect.any(Number) }],
    ["cases.Predictor.static", ["static", 1]],
    ["cases.Predictor.of_class", { class: "Predictor" }],
    ["cases.instance", { called: 1 }],
    ["cases.instance.method", { method: 1 }],
    ["my_package.handler.process", { from: "package", payload: 1 }],
  ])("%s", async (handler, result) => {
    const server = await serve(handler);
    expect(await server.ask({ route, payload: 1 })).toEqual({ status: "ok", result });
  });

  test("a class is made once: its state lives across calls", async () => {
    const server = await serve("cases.Predictor.predict");
    const pid = server.started.child.pid;
    for (const count of [11, 12, 13]) {
      expect(await server.ask({ route, payload: 1 })).toEqual({ status: "ok", result: { count, pid } });
    }
  });

  test.each([
    ["", /ASYA_HANDLER is not set/],
    ["predict", /Invalid handler 'predict' \(expected module\.path\.function/],
    ["my app.predict", /Invalid handler/],
    ["my-app.predict", /Invalid handler/],
    ["cases.", /Invalid handler/],
    [".cases.same", /Invalid handler/],
    ["1cases.same", /Invalid handler/],
    ["nowhere.at.all", /no module named 'nowhere'/],
    ["my_app.nowhere.predict", /'my_app' has no 'nowhere'/],
    ["my_app.nowhere.deep.predict", /Cannot load 'my_app.nowhere.deep.predict': no module 'my_app.nowhere'/],
    ["cases.nowhere", /'cases' has no 'nowhere'/],
    ["cases.Predictor.nowhere", /has no 'nowhere'/],
    ["cases.Predictor", /it is a class \(expected a method of it: cases\.Predictor\.method\)/],
    ["cases.number", /it is of type int/],
    [
      "cases.NeedsArgument.predict",
      /Class handler NeedsArgument\.__init__\(\) parameter 'model' must have a default value\./,
    ],
    ["cases.Fails.predict", /RuntimeError: no model here/],
    ["broken.predict", /No module named 'no_such_module_anywhere'/],
    ["leaves.predict", /FATAL: SystemExit: 0/],
  ])("%j is refused before anything listens", async (handler, message) => {
    const { started, folder } = await serve(handler);
    const { code, stderr } = await started.ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr).toContain("FATAL");
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [{ ASYA_HANDLER_MODE: "other" }, /Invalid ASYA_HANDLER_MODE=other: not in \('payload', 'envelope'\)/],
    [{ ASYA_RESPONSE_FORMAT: "xml" }, /Invalid ASYA_RESPONSE_FORMAT=xml/],
    [{ ASYA_CHUNK_SIZE: "many" }, /Invalid ASYA_CHUNK_SIZE=many: not a number/],
    [{ ASYA_CHUNK_SIZE: "0" }, /Invalid ASYA_CHUNK_SIZE=0: not above 0/],
    [{ ASYA_SOCKET_CHMOD: "rw" }, /Invalid ASYA_SOCKET_CHMOD=rw/],
  ])("%j is refused", async (env, message) => {
    const { started } = await serve("cases.same", env);
    expect(await started.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });

  test("modes are read whatever their case", async () => {
    const server = await serve("cases.seen", { ASYA_HANDLER_MODE: "ENVELOPE", ASYA_ENABLE_VALIDATION: "0" });
    expect(await server.ask({ payload: 1 })).toEqual({ status: "ok", result: { seen: { payload: 1 } } });
  });
});

describe("framing", () => {
  test("frames may come in any pieces", async () => {
    const server = await serve("cases.same", { ASYA_CHUNK_SIZE: "3" });
    const bytes = frame(request("ä€😀"));
    for (const size of [1, 2, 5]) {
      const socket = client(server.path);
      for (let at = 0; at < bytes.length; at += size) {
        await new Promise((written) => socket.write(bytes.subarray(at, at + size), written));
      }
      const [answer] = await framesOf(socket);
      expect(JSON.parse(String(answer))).toEqual({ status: "ok", result: "ä€😀" });
    }
  });

  test("large ones pass in both directions", async () => {
    const server = await serve("cases.same");
    const payload = "x".repeat(8 * 1024 * 1024);
    expect(await server.ask({ route, payload })).toEqual({ status: "ok", result: payload });
  });

  test.each([
    ["half a length", frame("x").subarray(0, 2)],
    ["half a body", frame(request(1)).subarray(0, 20)],
  ])("fault: %s and then nothing is answered", async (_, bytes) => {
    const server = await serve("cases.same");
    expect(JSON.parse((await exchange(server.path, bytes)).toString())).toEqual({
      status: "error",
      error: "connection_error",
      message: "Connection closed while reading",
      type: "Failure",
      severity: "fatal",
    });
  });

  test("fault: a length of 4 GiB takes no memory and is refused, while the sender still sends", async () => {
    const server = await serve("cases.same", { ASYA_MAX_FRAME_SIZE: "1000000" });
    const body = "x".repeat(3_000_000);
    expect(JSON.parse((await exchange(server.path, frame(body, 0xffffffff))).toString())).toEqual({
      status: "error",
      error: "connection_error",
      message: "Frame of 4294967295 bytes is too large (at most 1000000, ASYA_MAX_FRAME_SIZE)",
      type: "Failure",
      severity: "fatal",
    });
    const long = await serve("cases.answer", { ASYA_MAX_FRAME_SIZE: "1000" });
    expect(await long.ask({ route, payload: "'x' * 2000" }))
      .toMatchObject({ error: "processing_error", message: expect.stringContaining("Answer of 2027 bytes") });
  });

  test("fault: who connects and says nothing, or little, keeps nobody waiting", async () => {
    const server = await serve("cases.same");
    const silent = client(server.path);
    const slow = client(server.path);
    const bytes = frame(request("slow"));
    await new Promise((written) => slow.write(bytes.subarray(0, 10), written));
    expect(await server.ask({ route, payload: "quick" })).toEqual({ status: "ok", result: "quick" });
    slow.write(bytes.subarray(10));
    expect(JSON.parse(String((await framesOf(slow))[0]))).toEqual({ status: "ok", result: "slow" });
    expect(silent.destroyed).toBe(false);
  });

  test("of more silent clients than there is room for, those who ask are served", async () => {
    const server = await serve("cases.same");
    for (let count = 0; count < 100; count++) client(server.path);
    expect(await server.ask({ route, payload: 1 })).toEqual({ status: "ok", result: 1 });
  });

  test("who does not read the answer harms nobody", async () => {
    const server = await serve("cases.same");
    const gone = client(server.path);
    await new Promise((written) => gone.write(frame(request("x".repeat(1000))), written));
    gone.destroy();
    expect(await server.ask({ route, payload: 1 })).toEqual({ status: "ok", result: 1 });
  });

  test("a connection is closed after its answer, or kept when that is asked for", async () => {
    const closing = await serve("cases.same");
    const first = client(closing.path);
    first.write(Buffer.concat([frame(request(1)), frame(request(2))]));
    expect((await framesOf(first)).length).toBe(1);

    const keeping = await serve("cases.same", { ASYA_KEEP_ALIVE: "true" });
    const second = client(keeping.path);
    second.end(Buffer.concat([frame(request(1)), frame(request(2)), frame("{"), frame(request(3))]));
    expect((await framesOf(second)).map((each) => JSON.parse(String(each)).result ?? "error"))
      .toEqual([1, 2, "error", 3]);
  });
});

describe("files and signals", () => {
  test("the socket may be used by all unless said otherwise; the ready file says so", async () => {
    const server = await serve("cases.same");
    expect(statSync(server.path).mode & 0o777).toBe(0o666);
    expect(readFileSync(join(server.folder, "runtime-ready"), "utf8")).toBe("ready");
    const own = await serve("cases.same", { ASYA_SOCKET_CHMOD: "0o600", ASYA_SOCKET_NAME: "own.sock" });
    expect(statSync(own.path).mode & 0o777).toBe(0o600);
    expect(await own.ask({ route, payload: 1 })).toEqual({ status: "ok", result: 1 });
    const skipped = await serve("cases.same", { ASYA_SOCKET_CHMOD: "" });
    expect(statSync(skipped.path).isSocket()).toBe(true);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s removes both and ends well", async (signal) => {
    const { started, folder } = await serve("cases.same");
    started.child.kill(signal);
    expect((await started.ended).code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a socket that was left behind is replaced; one in use, or a file, is not", async () => {
    const first = await serve("cases.same");
    first.started.child.kill("SIGKILL");
    await first.started.ended;
    expect(existsSync(first.path)).toBe(true);
    const second = startServer(first.folder);
    await until(() => second.stderr().includes("Listening"), second.stderr);
    expect(await askAt(first.path, { route, payload: 1 })).toEqual({ status: "ok", result: 1 });

    const third = startServer(first.folder);
    expect(await third.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("another process does"),
    });
    expect(await askAt(first.path, { route, payload: 2 })).toEqual({ status: "ok", result: 2 });
    expect(existsSync(join(first.folder, "runtime-ready"))).toBe(true);
    second.child.kill("SIGTERM");
    await second.ended;

    const folder = makeFolder({ "asya-runtime.sock": "precious" });
    expect(await startServer(folder).ended)
      .toMatchObject({ code: 1, stderr: expect.stringContaining("it is there and is no socket") });
    expect(readFileSync(join(folder, "asya-runtime.sock"), "utf8")).toBe("precious");
  });

  test("a path too long for a socket is told", async () => {
    const folder = join(makeFolder(), "x".repeat(120));
    expect(await startServer(folder).ended)
      .toMatchObject({ code: 1, stderr: expect.stringContaining("path too long") });
  });

  test("SIGTERM while a handler works: it ends its work and answers, and so do those who wait", async () => {
    const gate = join(makeFolder(), "gate");
    const server = await serve("cases.answer");
    const wait = `(print('begun', file=sys.stderr, flush=True), ` +
      `[time.sleep(0.01) for _ in iter(lambda: os.path.exists('${gate}'), True)], 'done')[-1]`;
    const busy = server.ask({ route, payload: wait });
    await until(() => server.started.stderr().includes("begun"), () => server.started.stderr());
    const waiting = server.ask({ route, payload: "'waited'" });
    server.started.child.kill("SIGTERM");
    await until(
      () => server.started.stderr().includes("Stopping on signal 15"),
      () => server.started.stderr(),
    );
    writeFileSync(gate, "");
    expect(await busy).toEqual({ status: "ok", result: "done" });
    expect(await waiting).toEqual({ status: "ok", result: "waited" });
    expect((await server.started.ended).code).toBe(0);
    expect(existsSync(server.path)).toBe(false);
  });

  test("a second signal does not wait for the handler", async () => {
    const server = await serve("cases.loop_for_ever");
    const socket = client(server.path);
    socket.write(frame(request(1)));
    server.started.child.kill("SIGTERM");
    await until(() => server.started.stderr().includes("Stopping"), () => server.started.stderr());
    server.started.child.kill("SIGTERM");
    await server.started.ended;
    expect(existsSync(server.path)).toBe(false);
  });

  test("fault: payloads are not logged", async () => {
    const server = await serve("cases.same");
    await server.ask({ route, payload: "a secret" });
    await stopServers();
    expect(server.started.stderr()).not.toContain("secret");
    expect(server.started.stderr()).toContain("Listening");
    const quiet = await serve("cases.same", { ASYA_LOG_LEVEL: "error" });
    await stopServers();
    expect(quiet.started.stderr()).toBe("");
  });
});

function startServer(folder: string) {
  return startCommand(["python3", program], {
    env: {
      ASYA_SOCKET_DIR: folder,
      ASYA_HANDLER: "cases.same",
      PYTHONPATH: handlers,
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
}
