import { UsageError } from "../errors";
import { SubscriptionType } from "./constants";

type Callback = (...args: unknown[]) => unknown;

/** `subscribe()` with options. */
export interface SubscribeOptions {
  /** Default "server". */
  type?: string;
  /** Needed for the types "server" and "client". */
  moduleId?: string;
  /** Only this command; changes the callback's arguments. */
  command?: string;
  callback: Callback;
}

/** A class instance that takes a module's commands by `getMap()` or by methods named `handle<Command>`. */
export interface CommandHandler {
  getModuleId(): string;
  getSubscriptionType?(): string;
  getMap?(): Record<string, Callback | string>;
}

export interface Subscription {
  type: string;
  moduleId: string;
  command: string | undefined;
  callback: Callback;
  active: boolean;
  /** For error reports. */
  label: string;
}

export interface Subscriptions {
  /** All three forms; returns the function that ends the subscription. Throws {@link UsageError}. */
  subscribe(target: SubscribeOptions | CommandHandler): () => void;
  attach(handler: CommandHandler): () => void;
  /** Who is to hear this: first those of all commands, then those of this one, each in order of subscription. */
  find(type: string, moduleId: string, command?: string): Subscription[];
}

const MODULE_TYPES: string[] = [SubscriptionType.Server, SubscriptionType.Client];
const isHandler = (value: unknown): value is CommandHandler =>
  typeof (value as CommandHandler | null)?.getModuleId === "function";

/** What a subscriber's callback is given, protocol.md §9. */
export function callbackArgs({ type, moduleId, command }: Subscription, data: unknown): unknown[] {
  const about = MODULE_TYPES.includes(type) ? { type, moduleId } : { type };
  if (type === SubscriptionType.Status || type === SubscriptionType.Revision) return [data, about];
  const { command: name, params, extra } = data as { command: string; params: unknown; extra: unknown };
  return command === undefined ? [{ command: name, params, extra }, about] : [params, extra, name, about];
}

/** The method or function of `handler` for a command, if it has one. */
function commandMethod(handler: CommandHandler, command: string): Callback | undefined {
  const methods = handler as unknown as Record<string, Callback | undefined>;
  const map = handler.getMap?.();
  const mapped = map && Object.hasOwn(map, command) ? map[command] : undefined;
  const method = typeof mapped === "string" ? methods[mapped] : mapped;
  return method ?? methods[`handle${command.charAt(0).toUpperCase()}${command.slice(1)}`];
}

export function createSubscriptions(): Subscriptions {
  // Type and module → subscriptions. A new array on every change: one that is being walked stays as it was.
  const table = new Map<string, Subscription[]>();
  const keyOf = (type: string, moduleId: string) => `${type} ${MODULE_TYPES.includes(type) ? moduleId : ""}`;

  function add(
    type: string,
    moduleId: string,
    command: string | undefined,
    callback: Callback,
    label: string,
  ) {
    const key = keyOf(type, moduleId);
    const subscription: Subscription = { type, moduleId, command, callback, label, active: true };
    table.set(key, [...(table.get(key) ?? []), subscription]);
    return () => {
      subscription.active = false;
      const left = (table.get(key) ?? []).filter((other) => other !== subscription);
      if (left.length) table.set(key, left);
      else table.delete(key);
    };
  }

  function attach(handler: CommandHandler): () => void {
    if (!isHandler(handler)) {
      throw new UsageError("BAD_HANDLER", "a command handler needs a method getModuleId()");
    }
    const moduleId = String(handler.getModuleId()).toLowerCase();
    const type = handler.getSubscriptionType?.() || SubscriptionType.Server;
    const label = `command handler ${handler.constructor?.name ?? ""}`.trim();
    const callback: Callback = (data) => {
      const { command, params, extra } = data as { command: string; params: unknown; extra: unknown };
      return commandMethod(handler, command)?.call(handler, params, extra, command);
    };
    return add(type, moduleId, undefined, callback, label);
  }

  return {
    attach,
    subscribe(target) {
      const options = target as SubscribeOptions;
      if (isHandler(target) && typeof options.callback !== "function") return attach(target);
      const type = options?.type || SubscriptionType.Server;
      if (!(Object.values(SubscriptionType) as string[]).includes(type)) {
        const known = Object.values(SubscriptionType).join(", ");
        throw new UsageError("BAD_SUBSCRIPTION", `subscribe(): unknown type "${type}"; use one of ${known}`);
      }
      if (typeof options?.callback !== "function") {
        throw new UsageError("BAD_SUBSCRIPTION", "subscribe(): callback must be a function");
      }
      const moduleId = String(options.moduleId || "").toLowerCase();
      if (!moduleId && MODULE_TYPES.includes(type)) {
        throw new UsageError("BAD_SUBSCRIPTION", `subscribe(): type "${type}" needs a moduleId`);
      }
      const label = `subscribe callback ${options.callback.name}`.trim();
      return add(type, moduleId, options.command, options.callback, label);
    },
    find(type, moduleId, command) {
      const all = table.get(keyOf(type, moduleId)) ?? [];
      if (command === undefined) return all;
      return [
        ...all.filter((subscription) => subscription.command === undefined),
        ...all.filter((subscription) => subscription.command === command),
      ];
    },
  };
}
