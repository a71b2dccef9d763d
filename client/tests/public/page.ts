// A page's script, which has to compile with the declarations of a bundle. Nothing of it runs.

// biome-ignore lint/correctness/noUnusedVariables: merged with that of the declarations
interface BxPullEvents {
  shop: { added: { id: number; name: string }; removed: { id: number } };
}

// biome-ignore lint/correctness/noUnusedVariables: merged with that of the declarations
interface BxPullClientEvents {
  shop: { typing: { user: number } };
}

/** Is T exactly U? `any` is nothing but any. */
type Same<T, U> = (<X>() => X extends T ? 1 : 2) extends <X>() => X extends U ? 1 : 2 ? true : false;

function is<T, U>(_same: Same<T, U>): void {}

function listens(): void {
  BX.addCustomEvent("onPullEvent-shop", (command, params, extra) => {
    is<typeof command, "added" | "removed">(true);
    if (command === "added") is<typeof params, { id: number; name: string }>(true);
    else is<typeof params, { id: number }>(true);
    is<typeof extra.server_time_ago, number | undefined>(true);
    // @ts-expect-error a misspelt command
    if (command === "aded") return;
    // @ts-expect-error not every event has it
    params.name;
  });
  BX.addCustomEvent("onPullEvent-shop", (command, params) => {
    switch (command) {
      case "added":
        // @ts-expect-error a misspelt field
        params.nam;
        return params.name.length;
      // @ts-expect-error a misspelt command
      case "remove":
        return 0;
      default:
        return params.id;
    }
  });
  // @ts-expect-error the arguments of onPullEvent
  BX.addCustomEvent("onPullEvent-shop", (module_id: string, command: string, params: { id: number }) => [
    module_id,
    command,
    params,
  ]);
  const added = (command: string, params: unknown) => [command, params];
  BX.addCustomEvent("onPullEvent-shop", added);
  BX.addCustomEvent("onPullEvent-shop", (command) => {
    is<typeof command, "added" | "removed">(true);
    // @ts-expect-error a misspelt command
    if (command === "aded") return;
  });
  BX.addCustomEvent("onPullEvent-shop", () => 0);
  // @ts-expect-error another params
  BX.addCustomEvent("onPullEvent-shop", (command: string, params: { ID: number }) => [command, params]);
  // @ts-expect-error a number
  BX.addCustomEvent("onPullStatus", (status: number) => status);
  BX.addCustomEvent(window, "onPullEvent-shop", (command, params) => {
    if (command === "added") params.name;
    // @ts-expect-error a misspelt command
    else if (command === "remove") return;
  });
  BX.removeCustomEvent("onPullEvent-shop", added);
  BX.removeCustomEvent(window, "onPullEvent-shop", added);
  BX.removeAllCustomEvents("onPullEvent-shop");
  BX.addCustomEvent("onPull-shop", (event) => {
    is<typeof event.module_id, "shop">(true);
    if (event.command === "added") event.params.name;
    // @ts-expect-error a misspelt command
    if (event.command === "aded") return;
  });
  BX.addCustomEvent("onPullClientEvent-shop", (command, params) => {
    is<typeof command, "typing">(true);
    is<typeof params, { user: number }>(true);
  });
  BX.addCustomEvent("onPullClient-shop", ({ command, params }) => {
    is<typeof command, "typing">(true);
    is<typeof params, { user: number }>(true);
  });
}

function listensLoosely(name: string): void {
  BX.addCustomEvent("onPullEvent-other", (command, params) => {
    is<typeof command, string>(true);
    params.whatever.there.is;
  });
  BX.addCustomEvent("onPullEvent-other", (command: string, params: { id: number }) => [command, params.id]);
  BX.addCustomEvent("onPull-other", ({ command, params }) => [command.length, params.any]);
  BX.addCustomEvent(`onPullEvent-${name}`, (command, params) => [command.length, params.any]);
  for (const each of ["onPullEvent-shop", "own"]) BX.addCustomEvent(each, (...args) => args[7]);
  BX.addCustomEvent("MyModule:ready", (one: number, two: string) => [one, two]);
  BX.addCustomEvent({}, "MyModule:ready", function (one) {
    this.whatever = one;
  });
  BX.onCustomEvent("MyModule:ready", [1, "two"]);
}

function listensToTheRest(): void {
  BX.addCustomEvent("onPullEvent", (module_id, command, params, extra) => {
    is<typeof module_id, string>(true);
    is<typeof command, string>(true);
    params.whatever;
    is<typeof extra.server_time_unix, number | undefined>(true);
    is<typeof extra.anything, unknown>(true);
  });
  BX.addCustomEvent("onPull", ({ module_id, command, params }) => [module_id.length, command, params.any]);
  BX.addCustomEvent("onPullClientEvent", (module_id, command, params) => [module_id, command, params.any]);
  BX.addCustomEvent("onPullClient", (event) => event.module_id);
  BX.addCustomEvent("onPullOnlineEvent", (command, params) => [command.length, params.any]);
  BX.addCustomEvent("onPullOnline", ({ command, params }) => [command.length, params.any]);
  BX.addCustomEvent("onPullStatus", (status) => {
    is<typeof status, "online" | "offline" | "connect">(true);
    // @ts-expect-error no such status
    if (status === "onlin") return;
  });
  BX.addCustomEvent("onPullGap", ({ after, through }) => is<typeof after | typeof through, string>(true));
  BX.addCustomEvent("onPullError", (code) => is<typeof code, "AUTHORIZE_ERROR">(true));
  BX.addCustomEvent("onPullRevisionUp", (server, client) =>
    is<[typeof server, typeof client], [number, number]>(true),
  );
}

function subscribes(type: string): void {
  const end = BX.PULL.subscribe({
    moduleId: "shop",
    command: "added",
    callback: (params, extra, command, about) => {
      is<typeof params, { id: number; name: string }>(true);
      is<typeof extra.server_name, string | undefined>(true);
      is<typeof command, "added">(true);
      is<typeof about, { type: "server"; moduleId: "shop" }>(true);
      // @ts-expect-error a misspelt field
      params.nam;
    },
  });
  end();
  BX.PULL.subscribe({
    type: "server",
    moduleId: "shop",
    callback(data, about) {
      is<typeof about.type, "server">(true);
      if (data.command === "added") is<typeof data.params, { id: number; name: string }>(true);
      // @ts-expect-error a misspelt command
      if (data.command === "aded") return;
    },
  });
  // @ts-expect-error a misspelt command
  BX.PULL.subscribe({ moduleId: "shop", command: "aded", callback: () => 0 });
  // @ts-expect-error a misspelt type
  BX.PULL.subscribe({ type: "sever", moduleId: "shop", callback: () => 0 });
  // @ts-expect-error no module
  BX.PULL.subscribe({ callback: () => 0 });
  // @ts-expect-error no callback
  BX.PULL.subscribe({ moduleId: "shop" });
  BX.PULL.subscribe({
    type: "client",
    moduleId: "shop",
    command: "typing",
    callback: (params) => is<typeof params, { user: number }>(true),
  });
  BX.PULL.subscribe({
    type: "client",
    moduleId: "shop",
    callback: ({ command }) => is<typeof command, "typing">(true),
  });
  // @ts-expect-error back ends' command, not a page's
  BX.PULL.subscribe({ type: "client", moduleId: "shop", command: "added", callback: () => 0 });
  BX.PULL.subscribe({
    moduleId: "other",
    command: "any",
    callback: (params, _extra, command) => [params.any, command.length],
  });
  BX.PULL.subscribe({ moduleId: "other", callback: ({ command, params }) => [command.length, params.any] });
  BX.PULL.subscribe({ type: "online", callback: ({ command, params }) => [command.length, params.any] });
  BX.PULL.subscribe({ type: "online", command: "user_online", callback: (params) => params.any });
  BX.PULL.subscribe({
    type: BX.PullClient.SubscriptionType.Status,
    callback: ({ status }) => is<typeof status, "online" | "offline" | "connect">(true),
  });
  BX.PULL.subscribe({ type: "revision", callback: ({ server, client }) => server > client });
  BX.PULL.subscribe({ type, moduleId: "shop", callback: (data) => data.any });
}

class Tasks {
  getModuleId(): string {
    return "tasks";
  }
  handleTask_add(params: { id: number }): number {
    return params.id;
  }
}

function attaches(): void {
  BX.PULL.attachCommandHandler(new Tasks());
  BX.PULL.subscribe(new Tasks());
  BX.PULL.subscribe({
    getModuleId: () => "tasks",
    getMap: () => ({ task_add: "added", task_remove: (params) => params.id }),
    added(params, extra, command) {
      return [params.id, extra.server_time, command.length];
    },
  });
  BX.PULL.subscribe({
    getModuleId: () => "tasks",
    getMap() {
      return { task_add: this.added.bind(this) };
    },
    added(params) {
      this.last = params.id;
    },
    last: 0,
  });
  // @ts-expect-error no module
  BX.PULL.attachCommandHandler({ handleAny() {} });
}

async function uses(): Promise<void> {
  is<ReturnType<typeof BX.PULL.start>, Promise<true>>(true);
  const client = new BX.PullClient({
    userId: 5,
    events: "desktop",
    onStateReload: async ({ after }) => after,
  });
  await client.start().catch((error) => error.code);
  // @ts-expect-error no such family
  new BX.PullClient({ events: "both of them" });
  client.onState(({ state, retryAt }) => {
    if (state === "waiting") retryAt.toFixed();
    // @ts-expect-error no such state
    if (state === "wating") return;
  });
  await BX.PULL.sendMessage([2, "3"], "shop", "typing", { user: 7 }, 60);
  // @ts-expect-error a misspelt command
  await BX.PULL.sendMessage(2, "shop", "typin");
  // @ts-expect-error other params
  await BX.PULL.sendMessageToChannels("id.signature", "shop", "typing", { users: 7 });
  await BX.PULL.sendMessageToChannels(["id.signature"], "other", "any", { what: "ever" });
  await BX.PULL.sendMessageBatch([{ userList: 2, body: { module_id: "shop", command: "typing" } }]);
  BX.PULL.subscribeUserStatusChange(7, ({ isOnline }) => is<typeof isOnline, boolean>(true));
  const seen = await BX.PULL.getUsersLastSeen([7]);
  is<typeof seen, Record<string, number>>(true);
  BX.PULL.getConfig()?.server.version?.toFixed();
  is<typeof BX.PullClient.CloseReasons.MANUAL, 3004>(true);
  new BX.PullClient.StorageManager({ userId: 1 }).get("name", 0).toFixed();
  // @ts-expect-error no such method
  BX.PULL.sendMesage([2], "shop", "typing");
  BX.PullConsole?.start({ module: ["shop", /^crm/] });
  BX.message({ USER_ID: 5 });
  BX.message("USER_ID").length;
  BX.ready(() => window.BX.PULL.isConnected());
  BX.Event.EventEmitter.subscribe("shop:ready", (event) => event.getData());
  if (BX.type.isString(BX.debugStatus)) BX.debugStatus.length;
}

void [listens, listensLoosely, listensToTheRest, subscribes, attaches, uses];
