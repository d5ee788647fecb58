/** Links over real pipes, on both ways in which the engine moves bytes. */
import { describe, expect, test } from "vitest";
import { AT_END, type DescriptorIo, GONE, NOT_NOW } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import { closeFd } from "../../../lib/host/descriptors/descriptors.ts";
import { PipeLinks } from "../../../lib/message/link/pipe_link.ts";
import { makeTestPipe } from "../../pipe/pipe_ends.ts";
import { IOS } from "../../pipe/relay_rig.ts";

/** A link, and the ends of its pipes that a process would have. */
function openRig(io: DescriptorIo) {
  const [input, output] = [makeTestPipe(), makeTestPipe()];
  const links = new PipeLinks(io);
  const link = links.open({ inFd: input.writeFd, outFd: output.readFd });
  /** Hands on what the system tells, until something has come of it. */
  const waitFor = (isDone: () => boolean): void => {
    for (let looks = 0; looks < 1000 && !isDone(); looks++) {
      for (const readiness of io.wait(10)) links.note(readiness);
    }
    expect(isDone()).toBe(true);
  };
  return { link, stdin: input.readFd, stdout: output.writeFd, waitFor };
}

const LINE = new TextEncoder().encode('{"message_type":"T"}\n');

describe.each(IOS)("over $name", ({ io }) => {
  test("what a process writes is told, held, and read to its end", () => {
    const { link: { from, to }, stdin, stdout, waitFor } = openRig(io);
    const told: boolean[] = [];
    from.listen((isBroken) => told.push(isBroken));
    const into = new Uint8Array(1024);
    expect(from.read(into)).toBe(NOT_NOW);
    io.write(stdout, LINE);
    waitFor(() => told.length > 0);
    if (to.tellsHeld) expect(from.held).toBe(LINE.length);
    expect(from.read(into)).toBe(LINE.length);
    if (to.tellsHeld) expect(from.held).toBe(0);
    expect(into.subarray(0, LINE.length)).toEqual(LINE);
    closeFd(stdout);
    waitFor(() => from.read(into) === AT_END);
    for (const end of [from, to, from, to]) end.close(); // Closed once: a number may be somebody else's by then.
    closeFd(stdin);
  });

  test("one that is full tells when it takes more, and that nobody reads any more", () => {
    const { link: { from, to }, stdin, stdout, waitFor } = openRig(io);
    let told = 0;
    to.listen(() => told += 1);
    const many = new Uint8Array(64 * 1024);
    let written = 0;
    for (let count = to.write(many); count !== NOT_NOW; count = to.write(many)) written += count;
    if (to.tellsHeld) expect(to.held).toBe(written);
    told = 0;
    const into = new Uint8Array(written);
    let read = 0;
    while (read < written) read += io.read(stdin, into);
    waitFor(() => told > 0);
    expect(to.write(LINE)).toBe(LINE.length);
    closeFd(stdin);
    expect(to.write(LINE)).toBe(GONE);
    for (const end of [from, to]) end.close();
    closeFd(stdout);
  });
});
