import { clone } from "../bx/clone";
import { print, reportError } from "../bx/report";
import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { FindListeners } from "./bus";
import type { Capture } from "./capture";
import type { ResolvedOptions } from "./options";
import { hasModules, topic } from "./subscriptions";

export type EventKind = "server" | "client" | "online";

/** Who is told, and how: a name, and what its handlers are given. */
type Route<T> = [name: string, args: (data: T) => unknown[]];

/** One handler's turn: what it hears, who it is, and what it is given. */
type Call<T> = [name: string, listener: ReturnType<FindListeners>[number], args: (data: T) => unknown[]];

export interface Dispatcher {
  /**
   * Hands an event to everyone who listens, each with a copy of their own, in the order of protocol.md §2.
   * An error of one handler is reported and stops nobody else. Handlers added meanwhile hear the next event.
   */
  deliver_(kind: EventKind, event: PullEvent): void;
  /** Raises a BX event whose arguments are the values of `data`, and tells the subscribers of `type`, if given. */
  announce_(name: string, data: object, type?: string): void;
  /** Tells the subscribers only: `BX.PULL.emit()`. */
  emit_(type: string, moduleId: string, data: unknown): void;
}

const spread = ({ command, params, extra }: PullEvent) => [command, params, extra];
const spreadAll = (event: PullEvent) => [event.module_id, ...spread(event)];
const whole = (event: PullEvent) => [event];
const nameless = ({ module_id, ...rest }: PullEvent) => rest;

/** BX events that show one Pull event, in order. */
function bxRoutes(
  kind: EventKind,
  moduleId: string,
  families: ResolvedOptions["events"],
): Route<PullEvent>[] {
  const name = `onPull${{ server: "", client: "Client", online: "Online" }[kind]}`;
  const routes: Route<PullEvent>[] = [];
  const add = (all: string, ofOne: Route<PullEvent>[1], ofAll: Route<PullEvent>[1]) => {
    if (kind === "online") routes.push([all, ofOne]);
    else routes.push([`${all}-${moduleId}`, ofOne], [all, ofAll]);
  };
  if (families !== "mobile") add(`${name}Event`, spread, spreadAll);
  if (families !== "desktop") add(name, kind === "online" ? (event) => [nameless(event)] : whole, whole);
  return routes;
}

/** Subscribers to one Pull event: of all commands, then of this one. */
function subscriberRoutes(type: string, moduleId: string, command: string): Route<PullEvent>[] {
  const about = hasModules(type) ? { type, moduleId } : { type };
  return [
    [topic(type, moduleId), (event) => [nameless(event), about]],
    [topic(type, moduleId, command), ({ params, extra }) => [params, extra, command, about]],
  ];
}

const statusRoutes = (type: string): Route<object>[] => [[type, (data) => [data, { type }]]];

export function createDispatcher(
  env: Env,
  bus: FindListeners,
  subscribers: FindListeners,
  capture: Capture,
  options: ResolvedOptions,
): Dispatcher {
  function calls<T>(find: FindListeners, routes: Route<T>[]): Call<T>[] {
    const all: Call<T>[] = [];
    for (const [name, args] of routes) {
      for (const listener of find(name)) all.push([name, listener, args]);
    }
    return all;
  }

  function perform<T>(all: Call<T>[], data: T, about: string): void {
    // A single handler may have the original: nobody else will look at it.
    const shared = all.length > 1 || capture.active_;
    for (const [name, listener, args] of all) {
      const { source_: source } = listener;
      try {
        capture.checkHandler_(name, source);
        if (listener.active_) listener.invoke_(args(shared ? clone(data) : data));
      } catch (error) {
        reportError(env, error, `handler of ${name} ${String(source.name)} threw (${about})`);
      }
    }
  }

  return {
    deliver_(kind, event) {
      const { module_id, command } = event;
      if (capture.active_) {
        const [[name]] = bxRoutes(kind, module_id, "desktop") as [Route<PullEvent>];
        const title = kind === "server" ? ["onPullEvent", module_id] : [name];
        print(env, "info", ...title, ...spread(event));
      }
      perform(
        [
          ...calls(bus, bxRoutes(kind, module_id, options.events)),
          ...calls(subscribers, subscriberRoutes(kind, module_id, command)),
        ],
        event,
        `${module_id}/${command}`,
      );
    },
    announce_(name, data, type) {
      perform(
        [...calls(bus, [[name, Object.values]]), ...calls(subscribers, type ? statusRoutes(type) : [])],
        data,
        name,
      );
    },
    emit_(type, moduleId, data) {
      const { command } = data as PullEvent;
      const routes = command ? subscriberRoutes(type, moduleId.toLowerCase(), command) : statusRoutes(type);
      perform(calls(subscribers, routes as Route<unknown>[]), data, "emit()");
    },
  };
}
