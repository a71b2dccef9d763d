import { clone } from "../bx/clone";
import type { EventRegistry } from "../bx/registry";
import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { Bus } from "./bus";
import type { Capture } from "./capture";
import type { ResolvedOptions } from "./options";
import { hasModules, topic } from "./subscriptions";

export type EventKind = "server" | "client" | "online";

/** Who is told, and how: a name, and what its handlers are given. */
type Route<T> = [name: string, args: (data: T) => unknown[]];

/** One handler's turn. */
type Call<T> = [label: string, run: (data: T) => unknown];

export interface Dispatcher {
  /**
   * Hands an event to everyone who listens, each with a copy of their own, in the order of protocol.md §2.
   * An error of one handler is reported and stops nobody else. Handlers added meanwhile hear the next event.
   */
  deliver_(kind: EventKind, event: PullEvent): void;
  /** Raises a BX event about the connection, and tells the subscribers of `type`, if given. */
  announce_<T>(name: string, data: T, args: (data: T) => unknown[], type?: string): void;
  /** Tells the subscribers only: `BX.PULL.emit()`. */
  emit_(type: string, moduleId: string, data: unknown): void;
}

/** BX events that show one Pull event, in order. */
function bxRoutes(
  kind: EventKind,
  moduleId: string,
  families: ResolvedOptions["events"],
): Route<PullEvent>[] {
  const desktop = { server: "onPullEvent", client: "onPullClientEvent", online: "onPullOnlineEvent" }[kind];
  const mobile = desktop.replace("Event", "");
  const online = kind === "online";
  const routes: Route<PullEvent>[] = [];
  const add = (name: string, ofOne: Route<PullEvent>[1], ofAll: Route<PullEvent>[1]) => {
    if (!online) routes.push([`${name}-${moduleId}`, ofOne]);
    routes.push([name, online ? ofOne : ofAll]);
  };
  const short = ({ command, params, extra }: PullEvent) => [command, params, extra];
  const whole = ({ module_id, ...rest }: PullEvent) => [online ? rest : { module_id, ...rest }];
  if (families !== "mobile") add(desktop, short, (event) => [event.module_id, ...short(event)]);
  if (families !== "desktop") add(mobile, whole, whole);
  return routes;
}

/** Subscribers to one Pull event: of all commands, then of this one. */
function subscriberRoutes(type: string, moduleId: string, command: string): Route<PullEvent>[] {
  const about = hasModules(type) ? { type, moduleId } : { type };
  return [
    [topic(type, moduleId), ({ command, params, extra }) => [{ command, params, extra }, about]],
    [topic(type, moduleId, command), ({ command, params, extra }) => [params, extra, command, about]],
  ];
}

export function createDispatcher(
  env: Env,
  bus: Bus,
  subscribers: EventRegistry,
  capture: Capture,
  options: ResolvedOptions,
): Dispatcher {
  function calls<T>(routes: Route<T>[], isBx?: boolean): Call<T>[] {
    const all: Call<T>[] = [];
    for (const [name, args] of routes) {
      const listeners = isBx ? bus.listeners_(name) : subscribers.listeners_(name);
      if (!listeners) all.push([name, (data) => bus.emit_(name, args(data))]);
      for (const listener of listeners || []) {
        const { source_: source } = listener;
        if (isBx) capture.checkHandler_(name, source);
        all.push([`${name} ${source.name}`, (data) => listener.active_ && listener.invoke_(args(data))]);
      }
    }
    return all;
  }

  function perform<T>(all: Call<T>[], data: T, about: string): void {
    // A single handler may have the original: nobody else will look at it.
    const shared = all.length > 1 || capture.active_;
    for (const [label, run] of all) {
      try {
        run(shared ? clone(data) : data);
      } catch (error) {
        env.report_(error, `handler of ${label} threw (${about})`);
      }
    }
  }

  const ofStatus = <T>(type: string): Route<T>[] => [[type, (data) => [data, { type }]]];

  return {
    deliver_(kind, event) {
      const { module_id, command } = event;
      capture.event_(kind, event);
      perform(
        [
          ...calls(bxRoutes(kind, module_id, options.events), true),
          ...calls(subscriberRoutes(kind, module_id, command)),
        ],
        event,
        `${module_id}/${command}`,
      );
    },
    announce_(name, data, args, type) {
      perform(
        [...calls([[name, args]], true), ...calls(type ? ofStatus<typeof data>(type) : [])],
        data,
        name,
      );
    },
    emit_(type, moduleId, data) {
      const event = data as PullEvent;
      perform(
        calls(event.command ? subscriberRoutes(type, moduleId.toLowerCase(), event.command) : ofStatus(type)),
        event,
        "emit()",
      );
    },
  };
}
