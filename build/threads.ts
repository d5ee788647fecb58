/** The threads' files in a bundle, by their names in the sources' folders; whoever starts them looks beside itself. */
export const THREADS = {
  "lib/run/relay_thread": "lib/run/relays/relay_thread.ts",
  "lib/run/message_thread": "lib/run/messages/message_thread.ts",
  "lib/run/capture_thread": "lib/store/capture/capture_thread.ts",
};
