/**
 * A list of which only the rows that are seen exist. Rows have one height.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isByKeyboard } from "./by_keyboard.ts";

export interface VirtualListProps<Row> {
  readonly rows: readonly Row[];
  readonly rowHeight: number;
  /** What the list is, for a screen reader. */
  readonly label: string;
  readonly id: string;
  readonly keyOf: (row: Row) => string;
  readonly draw: (row: Row) => ComponentChildren;
  readonly isSelected: (row: Row) => boolean;
  readonly choose: (row: Row) => void;
  readonly empty: string;
  /** The list stays at its end while rows are added. */
  readonly staysAtEnd?: boolean;
}

const MORE_ROWS = 6;

export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { rows, rowHeight, id, keyOf } = props;
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 400 });
  const [active, setActive] = useState<string>();
  const isAtEnd = useRef(true);
  useEffect(() => {
    const list = ref.current;
    if (list === null) return;
    const look = (): void => {
      isAtEnd.current = list.scrollTop + list.clientHeight >= list.scrollHeight - rowHeight;
      setSeen({ top: list.scrollTop, height: list.clientHeight });
    };
    const resized = new ResizeObserver(look);
    resized.observe(list);
    list.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      list.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => {
    const list = ref.current;
    if (props.staysAtEnd === true && isAtEnd.current && list !== null) list.scrollTop = list.scrollHeight;
  }, [rows.length]);

  const at = rows.findIndex((row) => keyOf(row) === active);
  const go = (index: number): void => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    const list = ref.current;
    if (row === undefined || list === null) return;
    setActive(keyOf(row));
    const top = to * rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + rowHeight - list.clientHeight;
    }
  };
  const page = Math.max(1, Math.floor(seen.height / rowHeight) - 1);
  const onKey = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "PageDown") go(at + page);
    else if (event.key === "PageUp") go(at - page);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else if ((event.key === "Enter" || event.key === " ") && row !== undefined) props.choose(row);
    else return;
    event.preventDefault();
  };
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - MORE_ROWS);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.height) / rowHeight) + MORE_ROWS);
  return (
    <div
      ref={ref}
      id={id}
      class="list"
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant={at >= first && at < last ? `${id}-${at}` : undefined}
      onKeyDown={onKey}
      onFocus={(event) => at < 0 && isByKeyboard(event) && go(firstRow(props, seen.top))}
    >
      {rows.length === 0 && <p class="empty">{props.empty}</p>}
      <div class="rows" style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <div
            key={keyOf(row)}
            id={`${id}-${first + index}`}
            class={`row${keyOf(row) === active ? " active" : ""}`}
            role="option"
            aria-selected={props.isSelected(row)}
            aria-setsize={rows.length}
            aria-posinset={first + index + 1}
            style={{ top: `${(first + index) * rowHeight}px`, height: `${rowHeight}px` }}
            onClick={() => {
              setActive(keyOf(row));
              props.choose(row);
            }}
          >
            {props.draw(row)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Where the keyboard begins: the one that is selected, or else the first that is seen. */
function firstRow<Row>({ rows, isSelected, rowHeight }: VirtualListProps<Row>, top: number): number {
  const selected = rows.findIndex(isSelected);
  return selected >= 0 ? selected : Math.ceil(top / rowHeight);
}
