import type { BxEventCore, CustomEventHandler } from "../bx/types";
import { type EventKind, mobileName, suffixOf } from "../pull/event-names";
import { type CapturedEvent, type Entry, eventOf, type Kind } from "./events";

/** What is used of the page's `BX`: public, and so much the same in any Pull client. */
export type PageBx = Pick<BxEventCore, "addCustomEvent" | "removeCustomEvent" | "onCustomEvent"> & {
  PULL?: {
    emit?(event: { type: string; moduleId: string; data: unknown }): void;
    getDebugInfo(): Record<string, unknown>;
  };
};

/** The families of handlers that this page's client calls, as far as that was seen. */
export interface Families {
  desktop_: boolean;
  mobile_: boolean;
}

export type Note = (kind: Kind, module: string, command: string, params: unknown, extra?: unknown) => void;

const KINDS: readonly EventKind[] = ["server", "client", "online"];

/**
 * Listens to all that a Pull client tells the page. A client may call the desktop handlers, the mobile ones, or first
 * those and then these: an event is noted once.
 *
 * @param heard - what of that was seen
 * @returns the function that ends it
 */
export function listen(BX: PageBx, heard: Families, isOurs: () => boolean, note: Note): () => void {
  const added: [string, CustomEventHandler][] = [];
  function on(name: string, handler: CustomEventHandler): void {
    const listener: CustomEventHandler = (...args) => {
      if (!isOurs()) handler(...args);
    };
    BX.addCustomEvent(name, listener);
    added.push([name, listener]);
  }

  for (const kind of KINDS) {
    const name = mobileName(kind);
    const isOnline = kind === "online";
    on(`${name}Event`, (...args: [string, string, unknown, unknown]) => {
      heard.desktop_ = true;
      if (isOnline) args.unshift(kind);
      note(kind, ...args);
    });
    on(name, (data: { module_id: string; command: string; params: unknown; extra: unknown }) => {
      heard.mobile_ = true;
      const { module_id, command, params, extra } = Object(data);
      if (!heard.desktop_) note(kind, isOnline ? kind : module_id, command, params, extra);
    });
  }
  on("onPullStatus", (status: string) => note("status", "pull", "status", { status }));
  on("onPullGap", (gap: unknown) => note("gap", "pull", "gap", gap));
  return () => {
    for (const [name, listener] of added) BX.removeCustomEvent(name, listener);
  };
}

/** Whether handlers get to see an event: system commands are for the client, and news of the connection is its own. */
export const isForHandlers = (kind: Kind, module: string): boolean =>
  KINDS.includes(kind as EventKind) && module.toLowerCase() !== "pull";

/**
 * Hands an event to the page's handlers as the client does, in the order of docs/client.md, Events. Each name gets a
 * copy of its own, whatever the event core does about that.
 *
 * @param heard - the families to call; both if none is known
 * @param report - is told what a step throws; the others follow
 */
export function handOn(
  BX: PageBx,
  win: object,
  heard: Families,
  entry: Entry,
  report: (error: unknown) => void,
): void {
  const kind = entry.kind_ as EventKind;
  const moduleId = entry.module_.toLowerCase();
  const name = mobileName(kind);
  const suffix = suffixOf(kind, moduleId);
  const isUnknown = heard.desktop_ === heard.mobile_;
  function step(act: (event: CapturedEvent) => void): void {
    try {
      act(eventOf(entry));
    } catch (error) {
      report(error);
    }
  }
  const raise = (event: string, args: (event: CapturedEvent) => unknown[]) =>
    step((copy) => BX.onCustomEvent(win, event, args(copy), true));

  if (isUnknown || heard.desktop_) {
    raise(`${name}Event${suffix}`, ({ command, params, extra }) => [command, params, extra]);
    if (suffix) raise(`${name}Event`, ({ command, params, extra }) => [moduleId, command, params, extra]);
  }
  if (isUnknown || heard.mobile_) {
    const data = ({ command, params, extra }: CapturedEvent) => [
      { command, params, extra, ...(suffix && { module_id: moduleId }) },
    ];
    raise(name + suffix, data);
    if (suffix) raise(name, data);
  }
  step(({ command, params, extra }) => {
    const { PULL } = BX;
    if (PULL?.emit) PULL.emit({ type: kind, moduleId, data: { command, params, extra } });
  });
}
