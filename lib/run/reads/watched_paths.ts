/**
 * What a flow would read if it ran again: whatever of it changes is a reason to run it.
 */
import { dirname, resolve } from "node:path";
import { type Actor, type Flow, mayBeCached } from "../../core/flow.ts";
import { groupOf } from "../../core/instance.ts";
import type { WatchedPlaces } from "../../host/files/file_watcher.ts";
import { statIfThere } from "../../host/files/stat_if_there.ts";
import { listDeclared } from "./declared_reads.ts";
import { listKept } from "./kept_reads.ts";
import { namedFiles } from "./named_files.ts";

/** Programs and libraries: they change when the system does, and there are hundreds. */
const OF_SYSTEM = /^\/(?:usr|lib|lib64|bin|sbin|etc|proc|sys|dev|run|opt)(?:\/|$)/;

/** `names` are the actors that are run. What cached actors read by themselves is known when they have run once. */
export async function listWatched(
  flow: Flow,
  names: Iterable<string> = flow.actors.keys(),
): Promise<WatchedPlaces> {
  const actors = [...names].flatMap((name) => flow.actors.get(name) ?? []);
  const declared = actors.flatMap(({ reads = [] }) => reads);
  const kept = await listAllKept(flow, actors);
  const written = new Set(flow.outputs.map(({ target }) => target));
  const files = [
    ...flow.origins.files,
    ...actors.flatMap((actor) =>
      actor.source.kind === "file" ? [actor.source.path] : namedFiles(actor.source, actor.cwd)
    ),
    ...declared.flatMap(listDeclared),
    ...kept.files,
  ];
  const isOwn = (path: string): boolean => !OF_SYSTEM.test(path) && !written.has(path);
  // A folder is another with each file that comes into it.
  const isFile = (path: string): boolean => isOwn(path) && statIfThere(path)?.isDirectory() !== true;
  return {
    files: new Set(files.filter(isFile)),
    trees: new Set([...flow.origins.folders, ...declared.map(plainFolder)].filter(isOwn)),
    folders: new Set(kept.folders.filter(isOwn)),
  };
}

/** Where a declared path or pattern begins. */
function plainFolder(path: string): string {
  const at = path.search(/[*?[]/);
  return dirname(at === -1 ? path : path.slice(0, at + 1));
}

async function listAllKept(
  flow: Flow,
  actors: readonly Actor[],
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const cached = new Set(actors.filter(mayBeCached).map(({ name }) => name));
  if (cached.size === 0) return { files: [], folders: [] };
  const { openCache } = await import("../../store/cache/open_cache.ts");
  const store = openCache();
  try {
    const lists = store.listReads(flow.name).filter(({ actor }) =>
      cached.has(actor) || cached.has(groupOf(actor))
    ).map(({ reads }) => listKept(reads));
    // As they were opened: `./lib.sh` from where the actor was.
    const toPaths = (paths: readonly string[]) => paths.map((path) => resolve(path));
    return {
      files: lists.flatMap(({ files }) => toPaths(files)),
      folders: lists.flatMap(({ folders }) => toPaths(folders)),
    };
  } finally {
    store.close();
  }
}
