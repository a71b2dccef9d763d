import type { Env } from "../../src/env";

/** A socket the test plays the server of. */
export class FakeSocket {
  readyState = 0;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  closedWith: [number | undefined, string | undefined] | null = null;
  readonly sent: unknown[] = [];

  constructor(readonly url: string) {}

  get query(): URLSearchParams {
    return new URL(this.url).searchParams;
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  receive(data: string): void {
    this.onmessage?.({ data });
  }
  /** The server, or the network, ends the connection. */
  drop(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  send(data: unknown): void {
    this.sent.push(data);
  }
  /** As a browser: a code or reason that pages may not send throws, closing once more does nothing. */
  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code < 5000)) {
      throw new Error("InvalidAccessError");
    }
    if (new TextEncoder().encode(reason).length > 123) throw new Error("SyntaxError");
    if (this.readyState > 1) return;
    this.readyState = 3;
    this.closedWith = [code, reason];
  }
}

class FakeStorage {
  readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.items.set(name, value);
  }
  removeItem(name: string): void {
    this.items.delete(name);
  }
  clear(): void {
    this.items.clear();
  }
}

export interface Request {
  url: string;
  body: string;
  signal: AbortSignal | undefined;
}

/** What a REST address answers: a status and a body, or a function that throws as a dead network does. */
export type Responder = (
  request: Request,
) => { status?: number; body: unknown } | Promise<{ status?: number; body: unknown }>;

/** A whole browser's surroundings under the test's control: time stands still until `advance()`. */
export class FakeEnv implements Env {
  time: number;
  randomValue = 0.5;
  secure = false;
  visible = true;
  online = true;
  /** The portal; a page under test sets one that answers a good configuration, if there is none. */
  respond: Responder | undefined;
  readonly sockets: FakeSocket[] = [];
  readonly requests: Request[] = [];
  readonly printed: [string, ...unknown[]][] = [];
  readonly reported: { error: unknown; what: string }[] = [];
  readonly localStorage: FakeStorage & Storage;
  readonly sessionStorage: FakeStorage & Storage;
  openSocket_: ((url: string) => WebSocket) | undefined;
  private timers: { at: number; fn: () => void; id: number }[] = [];
  private nextId = 1;
  private listeners = new Map<string, Set<(event: Event) => void>>();

  constructor(share?: FakeEnv) {
    this.time = share?.time ?? Date.parse("2026-11-22T10:00:00Z");
    this.localStorage = share?.localStorage ?? (new FakeStorage() as FakeStorage & Storage);
    this.sessionStorage = share?.sessionStorage ?? (new FakeStorage() as FakeStorage & Storage);
    if (share) this.respond = share.respond;
    this.openSocket_ = (url) => {
      const socket = new FakeSocket(url);
      this.sockets.push(socket);
      return socket as unknown as WebSocket;
    };
  }

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }
  get timerCount(): number {
    return this.timers.length;
  }
  get listenerCount(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  localStorage_ = (): Storage => this.localStorage;
  sessionStorage_ = (): Storage => this.sessionStorage;
  now_(): number {
    return this.time;
  }
  random_(): number {
    return this.randomValue;
  }
  after_(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + ms, fn, id: this.nextId++ };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }
  listen_(type: string, fn: (event: Event) => void): () => void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set);
    set.add(fn);
    return () => set.delete(fn);
  }
  fire(type: string): void {
    for (const fn of [...(this.listeners.get(type) ?? [])]) fn({ type } as Event);
  }
  async fetch_(url: string, init: RequestInit): Promise<Response> {
    const request: Request = {
      url,
      body: decodeURIComponent(String(init.body)),
      signal: init.signal ?? undefined,
    };
    this.requests.push(request);
    if (!this.respond) throw new Error("the test has no portal");
    const { status = 200, body } = await this.respond(request);
    return {
      status,
      json: async () => (typeof body === "string" ? JSON.parse(body) : body),
    } as Response;
  }
  isOnline_(): boolean {
    return this.online;
  }
  isVisible_(): boolean {
    return this.visible;
  }
  isSecure_(): boolean {
    return this.secure;
  }
  print_(level: string, ...args: unknown[]): void {
    this.printed.push([level, ...args]);
  }
  report_(error: unknown, what: string): void {
    this.reported.push({ error, what });
  }

  /** Lets promises settle. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
  /** Moves the clock, a tenth of a second at a time, until something is so; fails after a virtual hour. */
  async until(condition: () => boolean): Promise<void> {
    await this.settle();
    for (let step = 0; !condition(); step++) {
      if (step > 36_000) throw new Error("it did not become so within an hour");
      await this.advance(100);
    }
  }
  /** Moves the clock, running what falls due in order. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await this.settle();
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!due) break;
      this.timers = this.timers.filter((other) => other !== due);
      this.time = Math.max(this.time, due.at);
      due.fn();
      await this.settle();
    }
    this.time = until;
  }
}
