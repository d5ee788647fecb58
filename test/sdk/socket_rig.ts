/** Starts the Unix-socket server and speaks to it: frames of a length in four bytes and JSON. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { makeFolder, root, startCommand, type Started, until } from "../e2e/rig.ts";

export const program = join(root, "actors", "asya_runtime.py");
export const handlers = join(root, "test", "fixtures", "handlers");

/** The Pythons of this machine: the usual one, and the oldest that is promised if it is there. */
export const pythons = ["python3", "python3.7"].filter((name) => spawnSync(name, ["--version"]).status === 0);

export interface Server {
  readonly started: Started;
  readonly folder: string;
  readonly path: string;
  /** Sends JSON in a frame and reads the answer. */
  readonly ask: (value: unknown) => Promise<unknown>;
}

const running: Server[] = [];

/** Starts a server for a handler, with more variables, and waits until it says that it is ready. */
export async function serve(
  handler: string,
  env: Readonly<Record<string, string>> = {},
  python = "python3",
): Promise<Server> {
  const folder = makeFolder();
  const started = startCommand([python, program], {
    cwd: folder,
    env: {
      ASYA_SOCKET_DIR: folder,
      ASYA_HANDLER: handler,
      PYTHONPATH: handlers,
      PYTHONDONTWRITEBYTECODE: "1",
      ...env,
    },
  });
  const path = join(folder, env["ASYA_SOCKET_NAME"] ?? "asya-runtime.sock");
  const server = { started, folder, path, ask: (value: unknown) => askAt(path, value) };
  running.push(server);
  await until(
    () => existsSync(join(folder, "runtime-ready")) || started.child.exitCode !== null,
    () => started.stderr(),
  );
  return server;
}

/** Ends all servers of a test; each has to remove its files and leave well. */
export async function stopServers(): Promise<void> {
  for (const { started } of running.splice(0)) {
    if (started.child.exitCode === null) started.child.kill("SIGTERM");
    await started.ended;
  }
}

export async function askAt(path: string, value: unknown): Promise<unknown> {
  return JSON.parse((await exchange(path, frame(JSON.stringify(value)))).toString());
}

export function frame(body: string | Uint8Array, size = Buffer.byteLength(body)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(size);
  return Buffer.concat([head, Buffer.from(body as string)]);
}

/** Sends bytes, ends the sending side, and gives the body of the one answer. */
export async function exchange(path: string, bytes: Uint8Array): Promise<Buffer> {
  const socket = connect(path);
  socket.on("error", () => undefined); // A server that refuses early closes while we write.
  socket.end(bytes);
  const [body, ...rest] = await framesOf(socket);
  if (body === undefined || rest.length > 0) {
    throw new Error(`${rest.length + (body === undefined ? 0 : 1)} answers`);
  }
  return body;
}

/** All frames until the server closes. */
export function framesOf(socket: Socket): Promise<readonly Buffer[]> {
  return new Promise((settle) => {
    let data = Buffer.alloc(0);
    socket.on("data", (more: Buffer) => data = Buffer.concat([data, more]));
    socket.on("close", () => {
      const frames: Buffer[] = [];
      for (let at = 0; at + 4 <= data.length;) {
        const end = at + 4 + data.readUInt32BE(at);
        frames.push(data.subarray(at + 4, end));
        at = end;
      }
      settle(frames);
    });
  });
}
