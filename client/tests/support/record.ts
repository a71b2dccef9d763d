import type { TestPage } from "./page";

/** Every event of a back end, of presence and of pages that a module can hear. */
const FAMILY = [
  "onPullEvent-test",
  "onPullEvent",
  "onPull-test",
  "onPull",
  "onPullOnlineEvent",
  "onPullOnline",
  "onPullClientEvent-test",
  "onPullClientEvent",
];

/** Listens to these events; what is heard, each with its arguments, in order. */
export function record({ BX }: TestPage, names = FAMILY): [string, ...unknown[]][] {
  const log: [string, ...unknown[]][] = [];
  for (const name of names) BX.addCustomEvent(name, (...args: unknown[]) => log.push([name, ...args]));
  return log;
}
