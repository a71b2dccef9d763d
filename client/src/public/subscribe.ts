import type { Status } from "./constants";
import type { Anything, CommandEvent, CommandOf, EventExtra, ModuleOf, ParamsOf } from "./events";

type Unsubscribe = () => void;

/** What a handler of one command gets. */
type CommandCallback<P, C extends string, About> = (
  params: P,
  extra: EventExtra,
  command: C,
  about: About,
) => unknown;

/** A command's function in {@link CommandHandler}. */
type HandlerMethod = (params: Anything, extra: EventExtra, command: string) => unknown;

/** An object that takes a module's commands, by `getMap()` or by methods named `handle<Command>`. */
export interface CommandHandler {
  getModuleId(): string;
  /** Default "server". */
  getSubscriptionType?(): string;
  /** Functions, or names of methods, by command. */
  getMap?(): Record<string, HandlerMethod | string>;
}

/** One that is written down where it is used; methods have the arguments of commands, and may use `this`. */
interface WrittenHandler extends CommandHandler {
  [member: string]: HandlerMethod | object | string | number | boolean | null | undefined;
}

/** Listens with an object that handles commands; returns the function that ends it. */
export interface AttachHandler {
  (handler: WrittenHandler & ThisType<Anything>): Unsubscribe;
  (handler: CommandHandler): Unsubscribe;
}

/** Of back ends' events to this page's user. */
interface ServerSubscription<M extends string> {
  type?: "server" | undefined;
  /** The module, in lower case. */
  moduleId: M;
}

/** Of what pages publish, from server version 4 on. */
interface ClientSubscription<M extends string> {
  type: "client";
  moduleId: M;
}

/** With a `command` the callback has its params and its name; without one it gets all commands, each as one object. */
interface All<Data, About> {
  command?: undefined;
  callback: (data: Data, about: About) => unknown;
}

interface One<P, C extends string, About> {
  command: C;
  callback: CommandCallback<P, C, About>;
}

type AboutModule<T extends string, M extends string> = { type: T; moduleId: M };

/** Any of these, where the type is only known when the page runs. */
interface AnySubscription<T extends string> {
  type: T & (string extends T ? unknown : never);
  moduleId?: string | undefined;
  command?: string | undefined;
  callback: (...args: Anything[]) => unknown;
}

type StatusSubscription = { type: "status" } & All<{ status: Status }, { type: "status" }>;

type RevisionSubscription = { type: "revision" } & All<
  { server: number; client: number },
  { type: "revision" }
>;

type OnlineSubscription = { type: "online" } & (
  | All<{ command: string; params: Anything; extra: EventExtra }, { type: "online" }>
  | One<Anything, string, { type: "online" }>
);

/**
 * `BX.PULL.subscribe()`; every form returns the function that ends it, and throws PullError `BAD_SUBSCRIPTION`. The
 * most used form is the last: of the last one compilers tell why it does not fit.
 */
export interface Subscribe {
  (handler: WrittenHandler & ThisType<Anything>): Unsubscribe;
  (handler: CommandHandler): Unsubscribe;
  <T extends string>(options: AnySubscription<T>): Unsubscribe;
  /** The connection, in short; `onState()` tells more. */
  (options: StatusSubscription): Unsubscribe;
  /** Another API revision. */
  (options: RevisionSubscription): Unsubscribe;
  /** Presence: all commands, or one. */
  (options: OnlineSubscription): Unsubscribe;
  /** All commands of a module, published by pages. */
  <M extends ModuleOf<BxPullClientEvents>>(
    options: ClientSubscription<M> & All<CommandEvent<BxPullClientEvents, M>, AboutModule<"client", M>>,
  ): Unsubscribe;
  /** One command of a module, published by pages. */
  <M extends ModuleOf<BxPullClientEvents>, C extends CommandOf<BxPullClientEvents, M>>(
    options: ClientSubscription<M> & One<ParamsOf<BxPullClientEvents, M, C>, C, AboutModule<"client", M>>,
  ): Unsubscribe;
  /** All commands of a module. */
  <M extends ModuleOf<BxPullEvents>>(
    options: ServerSubscription<M> & All<CommandEvent<BxPullEvents, M>, AboutModule<"server", M>>,
  ): Unsubscribe;
  /** One command of a module. */
  <M extends ModuleOf<BxPullEvents>, C extends CommandOf<BxPullEvents, M>>(
    options: ServerSubscription<M> & One<ParamsOf<BxPullEvents, M, C>, C, AboutModule<"server", M>>,
  ): Unsubscribe;
}
