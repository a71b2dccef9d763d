/** Events of back ends, of pages, and of presence. */
export type EventKind = "server" | "client" | "online";

/** How a kind's mobile events are called; the desktop ones have "Event" after it. */
export const mobileName = (kind: EventKind) =>
  kind === "server" ? "onPull" : kind === "client" ? "onPullClient" : "onPullOnline";

/** What is behind that for handlers of one module; presence has none. */
export const suffixOf = (kind: EventKind, moduleId: string) => (kind === "online" ? "" : `-${moduleId}`);
