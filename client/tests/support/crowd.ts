import type { PullApi } from "../../src/pull/api";
import type { PullOptions } from "../../src/pull/options";
import { FakeEnv, FakeSocket } from "./fake-env";
import { page } from "./page";
import { VirtualTime } from "./virtual-time";

/** Milliseconds from a client's try to the answer: a machine without a server refuses, a server accepts. */
const REFUSED_AFTER = 1;
const ACCEPTED_AFTER = 5;
/** After it a connection counts as a good one. */
const SETTLED_MS = 10_000;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Many clients of one server, in one virtual time. */
export class Crowd {
  /** When somebody tried to connect, by socket or poll: milliseconds since the server did something to all. */
  tries: number[] = [];
  /** Those of them that found a server. */
  connects: number[] = [];
  /** When somebody asked for a configuration. */
  requests: number[] = [];
  /** How many of the next connections are closed with 4010: the server does not know their channels. */
  unknown = 0;
  private readonly time = new VirtualTime(Date.parse("2026-11-22T10:00:00Z"));
  private readonly pulls: PullApi[] = [];
  private sockets: FakeSocket[] = [];
  private isUp = true;
  private began = 0;

  /** @param random - what all clients take their random numbers from */
  constructor(
    readonly size: number,
    private readonly random: () => number,
    options: PullOptions = {},
  ) {
    for (let userId = 1; userId <= size; userId++) this.add({ userId, ...options });
  }

  get connected(): number {
    return this.pulls.filter((pull) => pull.isConnected()).length;
  }

  /** All clients connect. */
  async gather(): Promise<void> {
    for (const pull of this.pulls) pull.start();
    await this.run(SETTLED_MS);
  }

  /** The server closes all connections with this code, and is back after `awayMs`. */
  restart(code: number, awayMs: number): void {
    this.begin();
    this.isUp = false;
    const { sockets } = this;
    this.sockets = [];
    for (const socket of sockets) socket.drop(code);
    this.time.setTimeout(() => {
      this.isUp = true;
    }, awayMs);
  }

  /** The server sends a frame to all. */
  tell(frame: string): void {
    this.begin();
    for (const socket of this.sockets) socket.receive(frame);
  }

  /** Moves the clock by `ms`. */
  run(ms: number): Promise<void> {
    return this.time.run(ms);
  }

  private begin(): void {
    this.began = this.time.now;
    this.tries = [];
    this.connects = [];
    this.requests = [];
  }

  private note(list: number[]): void {
    list.push(this.time.now - this.began);
  }

  /** Somebody tries to connect; false when there is no server. */
  private connect(): boolean {
    this.note(this.tries);
    if (this.isUp) this.note(this.connects);
    return this.isUp;
  }

  private add(options: PullOptions): void {
    const { time } = this;
    const env = new FakeEnv();
    const arrives = (socket: FakeSocket) => this.arrives(socket);
    env.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url);
        arrives(this);
      }
    } as unknown as new (
      url: string,
    ) => WebSocket;
    env.Date = { now: () => time.now };
    env.Math = { random: this.random };
    env.setTimeout = time.setTimeout;
    env.clearTimeout = time.clearTimeout;
    const { fetch } = env;
    env.fetch = async (url, init) => {
      if (init?.method === "POST") this.note(this.requests);
      else this.connect();
      if (!this.isUp) throw new TypeError("Failed to fetch");
      return fetch(url, init);
    };
    // 0: the client's own, not that of other tests.
    this.pulls.push(page({ minReconnectDelay: 0, ...options }, env).pull);
  }

  private arrives(socket: FakeSocket): void {
    if (!this.connect()) {
      this.time.setTimeout(() => socket.drop(), REFUSED_AFTER);
      return;
    }
    this.time.setTimeout(() => {
      // The client may have given it up meanwhile.
      if (socket.readyState !== 0) return;
      socket.accept();
      if (this.unknown-- > 0) socket.drop(4010);
      else this.sockets.push(socket);
    }, ACCEPTED_AFTER);
  }
}

/** The most of these moments that any `span` milliseconds hold, wherever they begin. */
export function densest(moments: readonly number[], span: number): number {
  const sorted = [...moments].sort((one, other) => one - other);
  let most = 0;
  let first = 0;
  sorted.forEach((moment, index) => {
    while (moment - (sorted[first] as number) >= span) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
