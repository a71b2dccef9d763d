import type { FindListeners } from "../bx/bus";
import { clone } from "../bx/clone";
import { print, reportError } from "../bx/report";
import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { PullApi } from "./api";
import type { Capture } from "./capture";
import type { ResolvedOptions } from "./options";
import { checkTopic, hasModules, topic } from "./subscriptions";

export type EventKind = "server" | "client" | "online";

/** Who is told what: where they are listed, their event, and its arguments. */
type Route = [find: FindListeners, name: string, args: unknown[]];

export interface Dispatcher {
  /**
   * Hands an event to everyone who listens, each with a copy of their own, in the order of protocol.md §2.
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
  subscribers: FindListeners,
  capture: Capture,
  options: ResolvedOptions,
): Dispatcher {
  /** Subscribers to one Pull event: of all commands, then of this one. */
  function subscriberRoutes(type: string, moduleId: string, { command, params, extra }: PullEvent): Route[] {
    const about = hasModules(type) ? { type, moduleId } : { type };
    return [
      [subscribers, topic(type, moduleId), [{ command, params, extra }, about]],
      [subscribers, topic(type, moduleId, command), [params, extra, command, about]],
    ];
  }

  const statusRoute = (type: string, data: unknown): Route => [subscribers, type, [data, { type }]];

  function perform(routes: readonly Route[], about: string): void {
    const calls: [string, ReturnType<FindListeners>[number], unknown[]][] = [];
    for (const [find, name, args] of routes) {
      for (const listener of find(name)) calls.push([name, listener, args]);
    }
    // A single handler may have the original: nobody else will look at it.
    const shared = calls.length > 1 || capture.active_;
    for (const [name, listener, args] of calls) {
      const { source_: source } = listener;
      const report = (error: unknown) =>
        reportError(env, error, `handler of ${name} ${String(source.name)} threw (${about})`);
      try {
        capture.checkHandler_(name, source);
        const result = listener.active_ && listener.invoke_(shared ? clone(args) : args);
        if (Object(result).then) Promise.resolve(result).catch(report);
      } catch (error) {
        report(error);
      }
    }
  }

  return {
    deliver_(kind, event) {
      const { module_id, command, params, extra } = event;
      const args = [command, params, extra];
      const mobile = `onPull${{ server: "", client: "Client", online: "Online" }[kind]}`;
      const desktop = `${mobile}Event`;
      // Presence has no handlers of single modules.
      const suffix = kind === "online" ? "" : `-${module_id}`;
      const routes = subscriberRoutes(kind, module_id, event);
      const addFirst = (name: string, ofOne: unknown[], ofAll: unknown[]) => {
        if (suffix) routes.unshift([bus, name, ofAll]);
        routes.unshift([bus, name + suffix, ofOne]);
      };
      if (options.events !== "desktop")
        addFirst(mobile, [suffix ? event : { command, params, extra }], [event]);
      if (options.events !== "mobile") addFirst(desktop, args, [module_id, ...args]);
      if (capture.active_) {
        print(env, "info", ...(kind === "server" ? [desktop, module_id] : [desktop + suffix]), ...args);
      }
      perform(routes, `${module_id}/${command}`);
    },
    announce_(name, data, type) {
      const route: Route = [bus, name, Object.values(data)];
      perform(type ? [route, statusRoute(type, data)] : [route], name);
    },
    emit_(given) {
      const { type = "server", moduleId = "", data = {} } = Object(given);
      const module = checkTopic(type, moduleId);
      const event: PullEvent = Object(data);
      const routes = event.command ? subscriberRoutes(type, module, event) : [statusRoute(type, data)];
      perform(routes, "emit()");
    },
  };
}
