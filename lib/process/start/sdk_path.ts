/** How actors find the SDK that comes with the engine, where none is installed. */
import { delimiter } from "node:path";
import { pythonFolder } from "../../host/actor_files.ts";

/**
 * `PYTHONPATH` with the folder of the Python SDK behind what the actor has there. What is in that folder gives way to
 * a package that is installed.
 */
export function withPythonSdk(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const folder = pythonFolder();
  if (folder === undefined || folder.includes(delimiter)) return env;
  const given = env["PYTHONPATH"] ?? "";
  return { ...env, PYTHONPATH: given === "" ? folder : `${given}${delimiter}${folder}` };
}
