/** What the system tells of a process: it waits for its input, does something else, or nobody knows. */
export type Doing = "reading" | "busy" | "unknown";
