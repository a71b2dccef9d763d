import type { Env } from "../env";
import { createScope } from "../scope";
import { ABNORMAL_CLOSURE } from "../transport/close-codes";
import { watchdog } from "../transport/watchdog";
import { webSocketTransport } from "../transport/websocket";
import { getOrMake } from "../values";
import type { Tail, ToTab, ToWorker } from "./messages";
import { createStream, type Stream, type Tab } from "./stream";

/** How often tabs are looked at. */
const ROUND_MS = 60_000;
/** Rounds in which a tab may say nothing: browsers let hidden pages do something about once a minute. */
const MAX_SILENT_ROUNDS = 3;

/** The worker's end of what connects it with a tab. */
export interface Port {
  postMessage(message: ToTab): void;
  onmessage: ((event: { data: ToWorker }) => void) | null;
  /** Where browsers say that the other end is gone. */
  onclose?: (() => void) | null;
}

/** Where the worker lives: the global scope of a shared worker. */
export interface WorkerScope extends Env {
  onconnect: ((event: { ports: readonly Port[] }) => void) | null;
}

/** Serves every tab that connects, until it leaves or is silent for too long. */
export function serveTabs(env: WorkerScope): void {
  const openSocket = watchdog(env, webSocketTransport(env));
  const streams = new Map<string, Stream>();
  const rounds = new Set<() => void>();
  const { after_: after } = createScope(env);

  env.onconnect = ({ ports: [port] }) => serve(port as Port);

  function serve(port: Port): void {
    let silent = 0;
    let end = (_code?: number, _reason?: string) => {};
    const tab: Tab = { mid_: "", post_: (message) => port.postMessage(message) };
    let stream: Stream | undefined;

    port.onmessage = ({ data: [kind, ...values] }) => {
      silent = 0;
      handlers[kind](...(values as [never, never]));
    };
    port.onclose = () => end();

    const handlers: { [M in ToWorker as M[0]]: (...values: Tail<M>) => void } = {
      join(wish) {
        port.postMessage(["hello"]);
        const { key, mid } = wish;
        tab.mid_ = mid;
        const joined = getOrMake(streams, key, () => createStream(env, openSocket));
        stream = joined;
        end = (code, reason) => {
          rounds.delete(look);
          joined.leave_(tab, code, reason);
          if (joined.isIdle_() && streams.get(key) === joined) streams.delete(key);
        };
        if (!rounds.size) after(ROUND_MS, round);
        rounds.add(look);
        joined.join_(tab, wish);
      },
      here(mid, frame, told, history) {
        port.postMessage(["hello"]);
        if (stream) stream.here_(tab, mid, frame, told, history);
      },
      send(socket, data) {
        if (stream) stream.send_(socket, data);
      },
      leave: (code, reason) => end(code, reason),
    };

    function look(): void {
      if (silent++ < MAX_SILENT_ROUNDS) return;
      // Should it only have been frozen, it will come back.
      port.postMessage(["close", ABNORMAL_CLOSURE, "the tab was silent"]);
      end();
    }
  }

  function round(): void {
    for (const look of rounds) look();
    if (rounds.size) after(ROUND_MS, round);
  }
}
