import type { FindListeners } from "../bx/bus";
import { clone, cloneJson } from "../bx/clone";
import { print, reportError } from "../bx/report";
import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import { getOrMake } from "../values";
import type { PullApi } from "./api";
import type { Capture } from "./capture";
import type { ResolvedOptions } from "./options";
import { checkTopic, hasModules, type Subscriptions, topic } from "./subscriptions";

export type EventKind = "server" | "client" | "online";

type Listeners = ReturnType<FindListeners>;

/** Some of those who are told of an event. */
interface Route {
  /** How the event is called where they are listed; errors name it. */
  name_: string;
  find_(event: PullEvent): Listeners;
  /** What they are given. */
  args_(event: PullEvent): unknown[];
}

const mobileName = (kind: EventKind) =>
  kind === "server" ? "onPull" : kind === "client" ? "onPullClient" : "onPullOnline";

/** Presence has no handlers of single modules. */
const suffixOf = (kind: EventKind, moduleId: string) => (kind === "online" ? "" : `-${moduleId}`);

/** For routes that do not look at one. */
const NO_EVENT = {} as PullEvent;

/** Modules of which the routes are remembered. */
const MAX_MODULES = 1000;

export interface Dispatcher {
  /**
   * Hands an event to everyone who listens, each with a copy of their own, in the order of docs/client.md, Events.
   * An error of one handler is reported and stops nobody else. Handlers added meanwhile hear the next event.
   */
  deliver_(kind: EventKind, event: PullEvent): void;
  /** Raises a BX event whose arguments are the values of `data`, and tells the subscribers of `type`, if given. */
  announce_(name: string, data: object, type?: string): void;
  /** Tells the subscribers only: `BX.PULL.emit()`. */
  emit_: PullApi["emit"];
}

export function createDispatcher(
  env: Env,
  bus: FindListeners,
  subscribers: Subscriptions["find_"],
  capture: Capture,
  options: ResolvedOptions,
): Dispatcher {
  const known = new Map<EventKind, Map<string, Route[]>>();

  function busRoute(name: string, args: Route["args_"]): Route {
    const lower = name.toLowerCase();
    return { name_: name, find_: () => bus(name, lower), args_: args };
  }

  /** Subscribers to one Pull event: of all commands, then of this one. */
  function subscriberRoutes(type: string, moduleId: string): Route[] {
    const name = topic(type, moduleId);
    const about = () => (hasModules(type) ? { type, moduleId } : { type });
    return [
      {
        name_: name,
        find_: () => subscribers(name),
        args_: ({ command, params, extra }) => [{ command, params, extra }, about()],
      },
      {
        name_: name,
        find_: ({ command }) => subscribers(name, command),
        args_: ({ command, params, extra }) => [params, extra, command, about()],
      },
    ];
  }

  const statusRoute = (type: string, data: unknown): Route => ({
    name_: type,
    find_: () => subscribers(type),
    args_: () => [data, { type }],
  });

  /** Who is told of events of a module, in the order of docs/client.md, Events. */
  function routesOf(kind: EventKind, moduleId: string): Route[] {
    const routes = subscriberRoutes(kind, moduleId);
    const mobile = mobileName(kind);
    const suffix = suffixOf(kind, moduleId);
    const addFirst = (name: string, ofOne: Route["args_"], ofAll: Route["args_"]) => {
      if (suffix) routes.unshift(busRoute(name, ofAll));
      routes.unshift(busRoute(name + suffix, ofOne));
    };
    if (options.events !== "desktop")
      addFirst(
        mobile,
        suffix ? (event) => [event] : ({ command, params, extra }) => [{ command, params, extra }],
        (event) => [event],
      );
    if (options.events !== "mobile")
      addFirst(
        `${mobile}Event`,
        ({ command, params, extra }) => [command, params, extra],
        ({ command, params, extra }) => [moduleId, command, params, extra],
      );
    return routes;
  }

  /** @param copy - makes a copy of what one listener is given */
  function perform(
    routes: readonly Route[],
    event: PullEvent,
    about: string,
    copy: (args: unknown[]) => unknown[],
  ): void {
    let left = 0;
    const found = routes.map((route) => {
      const listeners = route.find_(event);
      left += listeners.length;
      return listeners;
    });
    for (let index = 0; left; index++) {
      const { name_: name, args_: args } = routes[index] as Route;
      for (const listener of found[index] as Listeners) {
        const { source_: source } = listener;
        const report = (error: unknown) =>
          reportError(env, error, `handler of ${name} ${String(source.name)} threw (${about})`);
        // The last one may have the original: nobody else will look at it.
        const isShared = --left || capture.active_;
        try {
          capture.checkHandler_(name, source);
          if (!listener.active_) continue;
          const given = args(event);
          const result = listener.invoke_(isShared ? copy(given) : given) as PromiseLike<unknown> | undefined;
          if (result?.then) Promise.resolve(result).catch(report);
        } catch (error) {
          report(error);
        }
      }
    }
  }

  return {
    deliver_(kind, event) {
      const { module_id, command, params, extra } = event;
      const ofKind = getOrMake(known, kind, () => new Map<string, Route[]>());
      if (ofKind.size > MAX_MODULES) ofKind.clear();
      const routes = getOrMake(ofKind, module_id, () => routesOf(kind, module_id));
      if (capture.active_) {
        const name = `${mobileName(kind)}Event`;
        print(
          env,
          "info",
          ...(kind === "server" ? [name, module_id] : [name + suffixOf(kind, module_id)]),
          command,
          params,
          extra,
        );
      }
      perform(routes, event, `${module_id}/${command}`, cloneJson);
    },
    announce_(name, data, type) {
      const route = busRoute(name, () => Object.values(data));
      perform(type ? [route, statusRoute(type, data)] : [route], NO_EVENT, name, clone);
    },
    emit_(given) {
      const { type = "server", moduleId = "", data = {} } = Object(given);
      const module = checkTopic(type, moduleId);
      const event: PullEvent = Object(data);
      const routes = event.command ? subscriberRoutes(type, module) : [statusRoute(type, data)];
      perform(routes, event, "emit()", clone);
    },
  };
}
