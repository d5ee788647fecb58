/** What `--version` says; that of package.json. */
export const VERSION = "0.1.0";
