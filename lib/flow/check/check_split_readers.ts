/**
 * Who reads what is split by key: a file name of `out` with `{key}` in it is a file for each; nobody reads all of it as
 * one stream.
 */
import type { KeyedPath, StreamRef } from "../../core/flow.ts";
import type { JsonPath } from "../../core/issue.ts";
import { quote } from "../schema/names.ts";
import type { OutputDraft } from "./output_draft.ts";
import type { ReadersSite } from "./rooms.ts";

/** `{key}` and `{key.index}`, but not `${key}`. */
const KEY = /(?<!\$)\{key(\.index)?\}/g;

/** The outputs, with those that are a file for each key; what is wrong is reported. */
export function checkReaders(outputs: readonly OutputDraft[], site: ReadersSite): readonly OutputDraft[] {
  const { drafts, inputs, ports } = site;
  const sets = new Set<string>();
  for (const [name, { hasNamedInputs, each }] of drafts) {
    for (const port of inputs.get(name) ?? []) {
      // The records of a set come by a port that is called in braces; of the set it is told once.
      const set = /^\{(.*)\}$/.exec(port.name)?.[1];
      if (set !== undefined && sets.has(set)) continue;
      if (set !== undefined) sets.add(set);
      // A member reads the records of its own key.
      if (port.streams.some(({ actor }) => actor === each?.stream?.keysOf)) continue;
      const path = set === undefined
        ? ["actors", name, "in", ...(hasNamedInputs ? [port.name] : [])]
        : ["sets", set, "stream"];
      checkWhole(port.streams, { path, site });
    }
  }
  for (const [name, streams] of ports) checkWhole(streams, { path: ["ports", name], site });
  return outputs.map((output) => checkOutput(output, site));
}

function checkOutput(output: OutputDraft, site: ReadersSite): OutputDraft {
  const { key, streams, target, members } = output;
  const reference = key?.match(KEY)?.[0];
  if (key === undefined || reference === undefined) {
    checkWhole(streams, { path: key === undefined ? ["out"] : ["out", key], site });
    return output;
  }
  const [stream, ...others] = streams;
  const fail = (message: string): void => site.check.report({ path: ["out", key], message, at: "key" });
  const isSplit = stream?.port === "stdout" && site.drafts.get(stream.actor)?.kind === "split";
  if (others.length > 0 || !isSplit) {
    fail(
      `Cannot fill ${quote(reference)} in ${
        quote(key)
      }: what is written there is not split by key (expected one actor with "split")`,
    );
  } else if (members !== undefined || output.ofMembers !== undefined) {
    fail(
      `Cannot write ${quote(key)}: it names a set beside ${quote(reference)} (expected one of the two)`,
    );
  }
  return { ...output, keyed: keyPath(target) };
}

/** The path in pieces, where it names the key. */
function keyPath(path: string): KeyedPath {
  const pieces: KeyedPath[number][] = [];
  let at = 0;
  for (const found of path.matchAll(KEY)) {
    pieces.push(path.slice(at, found.index), { of: found[1] === undefined ? "key" : "index" });
    at = found.index + found[0].length;
  }
  return [...pieces, path.slice(at)].filter((piece) => piece !== "");
}

/** What splits has a stream for each key, and none for all of them. */
function checkWhole(
  streams: readonly StreamRef[],
  { path, site: { drafts, check } }: { readonly path: JsonPath; readonly site: ReadersSite },
): void {
  const name = streams.find(({ actor, port }) => port === "stdout" && drafts.get(actor)?.kind === "split")
    ?.actor;
  if (name === undefined) return;
  check.report({
    path,
    message: `Cannot connect ${
      quote(name)
    }: it splits what it reads, and is a stream for each key (expected one of them, such as "${name}[KEY]"; a file for each, "out": {"${name}/{key}": "${name}"}; or what it reads)`,
  });
}
