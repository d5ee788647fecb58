/**
 * Prints how the house stands: files, lines, circles, what is loaded. `npm run house`, and before and after a change.
 */
import { countModules } from "./count_modules.ts";
import { FUNCTION_MAX, LINES_MAX, MUTABLE_MAX, readHouse } from "./house.ts";

const house = readHouse();
const longest = house.files.reduce((a, b) => b.lines > a.lines ? b : a);
const imported = countModules("import");
const run = countModules({ run: ["examples/word_count/flow.json"] });

const print = (name: string, count: number, ...which: readonly string[]): void =>
  console.log(`${String(count).padStart(6)}  ${name}${which.map((each) => `\n          ${each}`).join("")}`);

print("files", house.files.length);
print("lines", house.files.reduce((sum, { lines }) => sum + lines, 0));
print("lines of the longest file", longest.lines, longest.path);
print(
  `files over ${LINES_MAX} lines`,
  house.long.length,
  ...house.long.map((file) => `${file.lines} ${file.path}`),
);
print(
  `files of tests and benchmarks over ${LINES_MAX} lines`,
  house.longOthers.length,
  ...house.longOthers.map((file) => `${file.lines} ${file.path}`),
);
print(
  `functions over ${FUNCTION_MAX} lines`,
  house.longFunctions.length,
  ...house.longFunctions.map(({ name, path, lines }) => `${lines} ${name} in ${path}`),
);
print("files that import `ActorRun`", house.knowActorRun.length);
print(
  `classes with more than ${MUTABLE_MAX} mutable members`,
  house.mutable.length,
  ...house.mutable.map(({ name, path, mutable }) => `${mutable.length} ${name} in ${path}`),
);
print(
  "import circles, types included",
  house.circles.length,
  ...house.circles.map((circle) => circle.join(" ")),
);
print("files loaded by `import mod.ts`", imported.files);
print("files loaded by `sluice examples/word_count/flow.json` before its first thread", run.atThread);
