import type { Env } from "../../src/env";

/** A socket the test plays the server of. */
export class FakeSocket {
  readyState = 0;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  closedWith: [number | undefined, string | undefined] | null = null;
  readonly sent: (string | Uint8Array)[] = [];

  constructor(readonly url: string) {}

  get query(): URLSearchParams {
    return new URL(this.url).searchParams;
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  receive(data: string | Uint8Array): void {
    this.onmessage?.({
      data: typeof data === "string" ? data : (new Uint8Array(data).buffer as ArrayBuffer),
    });
  }
  /** The server, or the network, ends the connection. */
  drop(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  send(data: string | Uint8Array): void {
    if (this.readyState === 0) throw new Error("InvalidStateError");
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
  constructor() {
    // Its keys are its own properties, as a browser has it.
    // biome-ignore lint/correctness/noConstructorReturn: there is no other way to that
    return new Proxy(this, {
      ownKeys: () => [...this.items.keys()],
      getOwnPropertyDescriptor: (_, name) => ({
        value: this.items.get(String(name)),
        enumerable: true,
        configurable: true,
      }),
    });
  }
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
  /** Of a form, decoded. */
  body: string;
  init: RequestInit;
  signal: AbortSignal | undefined;
}

/** A text or bytes as they are, anything else as JSON. */
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What an address answers, or a function that throws as a dead network does. */
export type Responder = (request: Request) => Answer | Promise<Answer>;

/** A long poll the test answers when it likes. */
export class FakePoll {
  readonly answered: Promise<Answer>;
  private settle: [(answer: Answer) => void, (error: Error) => void] | undefined;

  constructor(readonly request: Request) {
    this.answered = new Promise((...settle) => {
      this.settle = settle;
    });
  }

  get query(): URLSearchParams {
    return new URL(this.request.url).searchParams;
  }
  get aborted(): boolean {
    return !!this.request.signal?.aborted;
  }
  answer(body: string | Uint8Array = "", status = 200, headers: Record<string, string> = {}): void {
    this.settle?.[0]({ status, body, headers });
  }
  /** The network breaks. */
  fail(): void {
    this.settle?.[1](new TypeError("Failed to fetch"));
  }
}

function response({ status = 200, body = "", headers = {} }: Answer): Response {
  const bytes = body instanceof Uint8Array ? new Uint8Array(body) : undefined;
  const text = bytes ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return {
    ok: status > 199 && status < 300,
    status,
    headers: new Headers(headers),
    json: async () => JSON.parse(text),
    text: async () => text,
    arrayBuffer: async () => (bytes ?? new TextEncoder().encode(text)).buffer as ArrayBuffer,
  } as Response;
}

function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | null): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
  });
  return Promise.race([answer, aborted]);
}

/** A whole browser's surroundings under the test's control: time stands still until `advance()`. */
export class FakeEnv implements Env {
  time: number;
  randomValue = 0.5;
  secure = false;
  /** Of an address that is not the page's, as a frame may have; "": it is. */
  scheme = "";
  /** Has it no origin? */
  sandboxed = false;
  visible = true;
  online = true;
  /** The portal; a page under test sets one that answers a good configuration, if there is none. */
  respond: Responder | undefined;
  readonly sockets: FakeSocket[] = [];
  /** Calls of REST methods and published frames, not long polls. */
  readonly requests: Request[] = [];
  readonly polls: FakePoll[] = [];
  readonly printed: [string, ...unknown[]][] = [];
  /** Errors of page code, as the window's error listeners get them. */
  readonly errors: unknown[] = [];
  readonly localStorage: FakeStorage & Storage;
  readonly sessionStorage: FakeStorage & Storage;
  WebSocket: (new (url: string) => WebSocket) | undefined;
  SharedWorker: Env["SharedWorker"];
  private timers: { at: number; fn: () => void; id: number }[] = [];
  private nextId = 1;
  private listeners = new Map<string, Set<(event: Event) => void>>();

  constructor(share?: FakeEnv) {
    this.time = share?.time ?? Date.parse("2026-11-22T10:00:00Z");
    this.localStorage = share?.localStorage ?? (new FakeStorage() as FakeStorage & Storage);
    this.sessionStorage = share?.sessionStorage ?? (new FakeStorage() as FakeStorage & Storage);
    if (share) this.respond = share.respond;
    const { sockets } = this;
    class PageSocket extends FakeSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    }
    this.WebSocket = PageSocket as unknown as new (url: string) => WebSocket;
  }

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }
  get poll(): FakePoll {
    const last = this.polls.at(-1);
    if (!last) throw new Error("nothing was polled");
    return last;
  }
  get timerCount(): number {
    return this.timers.length;
  }
  get listenerCount(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  Date = { now: (): number => this.time };
  Math = { random: (): number => this.randomValue };
  console = {
    log: (...args: unknown[]) => this.print("log", args),
    info: (...args: unknown[]) => this.print("info", args),
    warn: (...args: unknown[]) => this.print("warn", args),
    error: (...args: unknown[]) => this.print("error", args),
  };
  setTimeout = (fn: () => void, ms = 0): number => {
    // As browsers do: they keep 32 bits of it.
    const timer = { at: this.time + (ms < 2 ** 31 ? ms : 0), fn, id: this.nextId++ };
    this.timers.push(timer);
    return timer.id;
  };
  clearTimeout = (id: number): void => {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  };
  addEventListener = ((type: string, fn: (event: Event) => void): void => {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set);
    set.add(fn);
  }) as Env["addEventListener"];
  removeEventListener = ((type: string, fn: (event: Event) => void): void => {
    this.listeners.get(type)?.delete(fn);
  }) as Env["removeEventListener"];
  get navigator() {
    return { onLine: this.online };
  }
  get document() {
    return { hidden: !this.visible };
  }
  get location() {
    return { protocol: this.scheme || (this.secure ? "https:" : "http:") };
  }
  get origin() {
    if (this.sandboxed) return "null";
    return this.secure ? "https://page.example" : "http://page.example";
  }
  fire(type: string): void {
    for (const fn of [...(this.listeners.get(type) ?? [])]) fn({ type } as Event);
  }
  fetch = async (url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { signal = null, body: sent } = init;
    const text = sent instanceof Uint8Array ? "" : decodeURIComponent(String(sent));
    const request: Request = { url: String(url), body: text, init, signal: signal ?? undefined };
    if (init.method !== "POST") {
      const poll = new FakePoll(request);
      this.polls.push(poll);
      return response(await untilAborted(poll.answered, signal));
    }
    this.requests.push(request);
    const { respond } = this;
    if (!respond) throw new Error("the test has no portal");
    // As fetch does, throw later.
    return response(
      await untilAborted(
        Promise.resolve().then(() => respond(request)),
        signal,
      ),
    );
  };
  private print(level: string, args: unknown[]): void {
    this.printed.push([level, ...(args[0] === "[bxpull]" ? args.slice(1) : args)]);
  }

  /** Lets promises settle. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  /** The clock is set to an earlier time; timers, which do not go by it, wait no longer. */
  putBack(ms: number): void {
    this.time -= ms;
    for (const timer of this.timers) timer.at -= ms;
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
      try {
        due.fn();
      } catch (error) {
        this.errors.push(error);
      }
      await this.settle();
    }
    this.time = until;
  }
}
