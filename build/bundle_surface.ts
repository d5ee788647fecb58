/**
 * What others see of the npm package beside the program: the actors in JavaScript, and the types. Types of packages are
 * a part of them, so that nobody needs those packages.
 */
import { join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { ROOT } from "../test/house/source_files.ts";

/** The SDK, and the program that calls plain functions: each one file, to be read as well. */
export async function bundleActors(folder: string): Promise<void> {
  for (const name of ["sluice_actor", "sluice_handler"]) {
    const bundle = await rolldown({
      cwd: ROOT,
      platform: "node",
      input: { [name]: `actors/typescript/${name}.ts` },
      external: /^node:/,
    });
    await bundle.write({ dir: join(folder, "actors/typescript"), format: "esm" });
    await bundle.close();
  }
}

/** `mod.d.ts`, and that of the SDK. */
export async function bundleTypes(folder: string): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    platform: "node",
    input: { mod: "mod.ts", "actors/typescript/sluice_actor": "actors/typescript/sluice_actor.ts" },
    external: /^node:/,
    checks: { pluginTimings: false },
    plugins: [dts({ emitDtsOnly: true, tsconfig: join(ROOT, "tsconfig.build.json"), resolver: "tsc" })],
  });
  await bundle.write({ dir: folder, format: "esm" });
  await bundle.close();
}
