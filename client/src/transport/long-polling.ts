import type { Warn } from "../codec/types";
import type { Env } from "../env";
import type { Stream } from "../position";
import { quietly } from "../quietly";
import { createScope } from "../scope";
import { BLOCKED_KEY } from "../storage-keys";
import { ABNORMAL_CLOSURE } from "./close-codes";
import { pollTransport } from "./poll";
import type { Keeper, OpenTransport, Transport } from "./types";

/** Tries with a socket before long polling stands in for it. */
const FIRST_TRIES = 2;
/** The same once a socket has worked: then it is rather the server that is away. */
const LATER_TRIES = 5;
/** First and longest pause between tries to return to a socket. */
const FIRST_PROBE_MS = 10_000;
const LAST_PROBE_MS = 300_000;
/** How long the next pages of the site believe that sockets do not get through. */
const BLOCKED_MS = 3_600_000;

/** Another way to connect than by a socket of the page's own, used where it is better or the only one. */
export type StandIn = (
  env: Env,
  openSocket: OpenTransport,
  keeper: Keeper,
  stream: Stream,
  options: { readonly sharedWorker?: string | object | undefined },
  warn: Warn,
) => OpenTransport;

/**
 * Sockets, and long polling where there is no socket to be had: the browser has none, the portal names none, or
 * they do not open. While it stands in for one, a socket is tried from time to time; once it opens, it takes over.
 * The overlap of the two loses nothing, and what comes twice is known by its id.
 */
export const longPolling: StandIn = (env, openSocket, keeper, stream) => {
  const openPoll = pollTransport(env, stream);
  let tries = 0;
  let limit = FIRST_TRIES;
  let pause = FIRST_PROBE_MS;
  // When the next probe is due: polling that comes and goes does not put it off.
  let due = 0;

  function socketWorks(): void {
    tries = 0;
    limit = LATER_TRIES;
    pause = FIRST_PROBE_MS;
    due = 0;
    keeper.remove(BLOCKED_KEY);
  }

  const isBlocked = () => Math.abs(env.Date.now() - keeper.get(BLOCKED_KEY, 0)) < BLOCKED_MS;

  return (target, handlers) => {
    const hasSocket = env.WebSocket && target.socket_;
    if (!target.poll_ || (hasSocket && tries < limit && !isBlocked())) {
      tries++;
      return openSocket(target, {
        ...handlers,
        onOpen_() {
          socketWorks();
          handlers.onOpen_();
        },
      });
    }

    let opened = false;
    let probe: Transport | undefined;
    const waiting = createScope(env);

    function endProbing(): void {
      waiting.dispose_();
      if (probe) probe.close_();
      probe = undefined;
    }

    function probeLater(): void {
      endProbing();
      const now = env.Date.now();
      if (due <= now) {
        due = now + pause;
        pause = Math.min(pause * 2, LAST_PROBE_MS);
      }
      waiting.after_(due - now, tryProbe);
      waiting.listen_("online", tryProbe);
    }

    function tryProbe(): void {
      probeLater();
      const pollUrl = target.lastUrl_;
      const hadPlace = opened;
      probe = quietly(() => {
        const socket: Transport = openSocket(target, {
          ...handlers,
          onOpen_() {
            // The polls have a position by now, and it may have asked without one.
            if (opened !== hadPlace) return tryProbe();
            socketWorks();
            probe = undefined;
            endProbing();
            if (current !== socket) {
              current.close_();
              current = socket;
              target.lastUrl_ = url;
            }
            handlers.onOpen_();
          },
          onClose_(code, reason) {
            // A probe that fails says nothing about the connection.
            if (current === socket) handlers.onClose_(code, reason);
          },
        });
        const url = target.lastUrl_;
        target.lastUrl_ = pollUrl;
        return socket;
      });
    }

    let current = openPoll(target, {
      ...handlers,
      onOpen_() {
        opened = true;
        if (tries >= limit) keeper.set(BLOCKED_KEY, env.Date.now());
        handlers.onOpen_();
      },
      onClose_(code, reason) {
        endProbing();
        // Neither way is open: they take turns.
        if (!opened && code === ABNORMAL_CLOSURE) {
          tries = limit - 1;
          keeper.remove(BLOCKED_KEY);
        }
        handlers.onClose_(code, reason);
      },
    });
    if (hasSocket) probeLater();
    return {
      get send_() {
        return current.send_;
      },
      close_(code, reason) {
        endProbing();
        current.close_(code, reason);
      },
    };
  };
};
