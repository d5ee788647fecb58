/**
 * Where actors are drawn when there is no server to ask: in columns.
 */
import { foldPage } from "../fold_page.ts";
import { layInColumns } from "../lay_in_columns.ts";
import type { PageLayout } from "../page_layout.ts";
import type { PageRun } from "../page_run.ts";

const WIDTH = 160;
const HEIGHT = 46;

export function layHere(run: PageRun, open: ReadonlySet<string> = new Set()): PageLayout {
  return {
    ...layInColumns(foldPage(run, open), () => ({ width: WIDTH, height: HEIGHT })),
    open: [...open],
  };
}
