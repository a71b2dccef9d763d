import { shim } from "../../src/bx/shim";
import { jsonRpc } from "../../src/protocols/jsonrpc";
import { protobuf } from "../../src/protocols/protobuf";
import { text } from "../../src/protocols/text";
import { createPullClient } from "../../src/pull/client";
import type { PullConfig } from "../../src/pull/config";
import type { PullOptions } from "../../src/pull/options";
import { longPolling } from "../../src/transport/long-polling";
import { sharedWorker } from "../../src/transport/shared-worker";
import type { ToTab, ToWorker } from "../../src/worker/messages";
import { serveTabs, type WorkerScope } from "../../src/worker/serve";
import { FakeEnv } from "./fake-env";
import { config, frame, nextMid, portal, type TestPage } from "./page";

/** One end of a channel; what is posted arrives a little later, as a copy. */
class FakePort<Out, In> {
  onmessage: ((event: { data: In }) => void) | null = null;
  onclose: (() => void) | null = null;
  other: FakePort<In, Out> | undefined;
  closed = false;

  postMessage(message: Out): void {
    if (this.closed) return;
    const data = structuredClone(message);
    queueMicrotask(() => {
      if (!this.other?.closed) this.other?.onmessage?.({ data });
    });
  }
  close(): void {
    this.closed = true;
  }
}

/** How a browser can fail to give a page its shared worker. */
export type Trouble = "missing" | "refused" | "unloadable" | "silent" | undefined;

/** A tab and what its handlers were told: the number of each event. */
export interface SharedTab extends TestPage {
  heard: unknown[];
}

/** A browser with several tabs and one shared worker, whose sockets the test plays the server of. */
export class FakeBrowser {
  /** Where the worker lives. */
  worker = this.newWorker();
  readonly tabs: SharedTab[] = [];
  /** Addresses and names of the workers that pages asked for. */
  readonly asked: string[] = [];
  trouble: Trouble;
  private ports: FakePort<never, never>[] = [];

  private newWorker(): FakeEnv & { onconnect?: unknown } {
    const env = new FakeEnv();
    let draws = 0;
    env.Math = { random: () => ++draws / 2 ** 20 };
    serveTabs(env as unknown as WorkerScope);
    return env;
  }

  /** The worker's process ends; nobody is told but, if `isNoticed`, the pages by their ports. */
  crash(isNoticed = false): void {
    this.trouble = "silent";
    for (const port of this.ports) {
      if (isNoticed) port.other?.onclose?.();
      port.closed = true;
    }
    for (const socket of this.worker.sockets) socket.drop();
  }

  /** The page is so busy that it hears nothing of the worker. */
  deafen(index: number): void {
    const port = this.ports[index] as unknown as FakePort<ToTab, ToWorker>;
    if (port.other) port.other.onmessage = null;
  }

  /** Another page of the browser, not started. */
  tab(given: PullConfig = config(), options: PullOptions = {}, env = new FakeEnv()): SharedTab {
    const browser = this;
    env.time = this.worker.time;
    env.respond = portal(given);
    class PageWorker {
      onerror: (() => void) | null = null;
      readonly port = new FakePort<ToWorker, ToTab>();
      constructor(url: string | URL, { name }: WorkerOptions) {
        browser.asked.push(`${url} ${name}`);
        const { trouble } = browser;
        if (trouble === "refused") throw new Error("may not be accessed");
        if (trouble === "unloadable") queueMicrotask(() => this.onerror?.());
        if (trouble) return;
        const inner = new FakePort<ToTab, ToWorker>();
        inner.other = this.port;
        this.port.other = inner;
        browser.ports.push(inner as never);
        (browser.worker as unknown as WorkerScope).onconnect?.({ ports: [inner] });
      }
    }
    env.SharedWorker =
      this.trouble === "missing"
        ? undefined
        : (PageWorker as unknown as NonNullable<FakeEnv["SharedWorker"]>);
    const win = env as unknown as Window & typeof globalThis;
    const bx = shim(win);
    const heard: unknown[] = [];
    const statuses: string[] = [];
    bx.BX.addCustomEvent("onPullStatus", (status: string) => statuses.push(status));
    bx.BX.addCustomEvent("onPullEvent", (_module: string, _command: string, params: { n?: unknown }) =>
      heard.push(params.n),
    );
    const standIn = sharedWorker(longPolling, "https://site.example/static/bxpull.js");
    const PullClient = createPullClient(bx, env, [text, protobuf, jsonRpc], standIn);
    const pull = new PullClient({ userId: 1, siteId: "s1", sharedWorker: "worker.js", ...options });
    const made = { env, BX: bx.BX, pull, statuses, win, heard };
    this.tabs.push(made);
    return made;
  }

  /** Pages that were started one after the other and are connected. */
  async connectedTabs(count: number, given: PullConfig = config()): Promise<SharedTab[]> {
    const tabs: SharedTab[] = [];
    for (let number = 0; number < count; number++) {
      const tab = this.tab(given);
      const started = tab.pull.start();
      await this.settle();
      if (this.worker.socket.readyState === 0) this.worker.socket.accept();
      await this.settle();
      await started;
      tabs.push(tab);
    }
    return tabs;
  }

  /** The worker's sockets that are open or opening. */
  get sockets() {
    return this.worker.sockets.filter(({ readyState }) => readyState < 2);
  }
  get socket() {
    return this.worker.socket;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      for (const env of this.envs()) await env.settle();
    }
  }

  /** Moves all clocks together. */
  async advance(ms: number): Promise<void> {
    await this.settle();
    for (let rest = ms; rest > 0; rest -= 250) {
      for (const env of this.envs()) await env.advance(Math.min(250, rest));
      await this.settle();
    }
  }

  private envs(): FakeEnv[] {
    return [this.worker, ...this.tabs.map(({ env }) => env)];
  }
}

/** An event with a number. */
export const event = (n: number, mid = nextMid()) => frame("m", "c", { n }, {}, mid);

/** The numbers that each tab has heard. */
export const heardBy = (browser: FakeBrowser) => browser.tabs.map(({ heard }) => heard);

/** What a client says of its shared worker. */
export const info = (pull: { getDebugInfo(): Record<string, unknown> }) =>
  pull.getDebugInfo()["Shared worker"];
