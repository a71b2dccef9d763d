import { createScope } from "../scope";
import type { Cursor, Tail, ToTab, ToWorker } from "../worker/messages";
import { ABNORMAL_CLOSURE, MANUAL, NORMAL_CLOSURE } from "./close-codes";
import type { StandIn } from "./long-polling";
import { subscriptionKey } from "./subscription-key";
import type { OpenTransport, Target, Transport, TransportHandlers } from "./types";

/** How often the worker is asked for a sign of life. */
const BEAT_MS = 5000;
/** It is gone if it was asked that often and has said nothing. */
const MAX_SILENT_BEATS = 2;
/** How long it may take to start. */
const START_MS = 8000;
const SILENT = "it does not answer";
/** What says where in the stream a tab is. */
const PLACE = ["mid", "tag", "time"];
/** A connection left with one of these was good: the tab may come back to it. */
const WELL_LEFT: unknown[] = [undefined, NORMAL_CLOSURE, MANUAL];

/** The page's end of what connects it with the worker. */
type Port = Omit<MessagePort, "onmessage" | "postMessage"> & {
  onmessage: ((event: { data: ToTab }) => void) | null;
  /** Where browsers say that the other end is gone. */
  onclose?: () => void;
  postMessage(message: ToWorker): void;
};

/**
 * One socket for all tabs of the browser, held by a shared worker. Where the worker cannot be had, or is gone in the
 * middle of it, the page connects by itself from then on.
 *
 * @param standIn - long polling, if it is in the bundle
 * @param base - what the worker's address is relative to: the bundle's address; nothing: the page's
 */
export const sharedWorker =
  (standIn?: StandIn, base?: string): StandIn =>
  (env, openSocket, keeper, stream, options, warn) => {
    // Why there is no worker, once that is known.
    let missing = "";
    // The socket that was left because it was good no more.
    let left = "";

    function giveUp(why: string): void {
      missing = why;
      warn(`connecting without the shared worker: ${why}`);
    }

    function openAlone(target: Target, handlers: TransportHandlers): Transport {
      target.about_ = { "Shared worker": `N: ${missing}` };
      return openSocket(target, handlers);
    }

    function startWorker(script: string | object): SharedWorker | undefined {
      const { SharedWorker } = env;
      if (!SharedWorker) giveUp("this browser has none");
      else
        try {
          const address = base && typeof script === "string" ? new URL(script, base) : script;
          return new SharedWorker(address as URL, { name: "bxpull" });
        } catch (error) {
          giveUp((error as Error).message);
        }
      return undefined;
    }

    const openShared: OpenTransport = (target, handlers) => {
      const { sharedWorker: script } = options;
      if (!script) return openSocket(target, handlers);
      const worker = missing ? undefined : startWorker(script);
      return worker ? openThrough(worker, target, handlers) : openAlone(target, handlers);
    };

    function openThrough(worker: SharedWorker, target: Target, handlers: TransportHandlers): Transport {
      // Only once: the server's word on its history is about the position in it.
      const url = target.url_(target.socket_);
      const place = new URL(url);
      const mid = place.searchParams.get("mid") || "";
      for (const name of PLACE) place.searchParams.delete(name);
      const bare = String(place);

      const port = worker.port as unknown as Port;
      const timers = createScope(env);
      let alone: Transport | undefined;
      let socket = "";
      let silent = 0;
      let hasStarted = false;
      let hasSaid = false;
      let isOver = false;

      function end(code?: number, reason?: string): void {
        if (isOver) return;
        isOver = true;
        timers.dispose_();
        port.onmessage = worker.onerror = null;
        port.postMessage(["leave", code, reason]);
        port.close();
      }

      function fail(why: string): void {
        if (isOver) return;
        end();
        if (!missing) giveUp(why);
        let reason = why;
        try {
          if (!socket) {
            alone = openAlone(target, handlers);
            return;
          }
        } catch (error) {
          reason = (error as Error).message;
        }
        handlers.onClose_(ABNORMAL_CLOSURE, reason);
      }

      const sayHere = () =>
        port.postMessage([
          "here",
          stream.position_.mid,
          // Newcomers begin behind this frame: it must have been handed on.
          stream.cursor_ && !stream.isBusy_() ? stream.cursor_[1] : 0,
          stream.told_,
          stream.begin_,
        ]);

      function beat(): void {
        if (silent++ >= MAX_SILENT_BEATS) {
          fail(SILENT);
        } else {
          sayHere();
          timers.after_(BEAT_MS, beat);
        }
      }

      const take: { [M in ToTab as M[0]]: (...values: Tail<M>) => void } = {
        hello() {
          if (hasStarted) return;
          hasStarted = true;
          beat();
        },
        open(cursor, id) {
          stream.cursor_ = cursor;
          socket = id;
          hasSaid = false;
          target.about_ = { "Shared worker": "Y" };
          handlers.onOpen_();
        },
        frame(number, frame) {
          handlers.onMessage_(frame);
          // Whoever was called may have closed, and what was left of the frame has to come again.
          if (isOver) return;
          stream.cursor_ = [(stream.cursor_ as Cursor)[0], number];
          if (!hasSaid && stream.position_.mid) {
            // What the connection said first moves it far, and no newcomer is to begin before that.
            hasSaid = true;
            sayHere();
          }
        },
        close(code, reason) {
          end();
          handlers.onClose_(code, reason);
        },
        ask: sayHere,
        position(start, begin) {
          stream.resume_(start);
          stream.begin_ = begin;
        },
      };

      worker.onerror = () => fail("its script is missing, or the page may not run it");
      port.onclose = () => fail("it is gone");
      port.onmessage = ({ data: [kind, ...values] }) => {
        silent = 0;
        (take[kind] as (...values: unknown[]) => void)(...values);
      };
      port.postMessage([
        "join",
        {
          key: subscriptionKey(bare, target.binary_),
          bare,
          url,
          mid,
          history: stream.begin_,
          binary: !!target.binary_,
          pings: !!target.hasPings_,
          tells: !!target.tells_,
          cursor: stream.cursor_,
          left,
        },
      ]);
      timers.after_(START_MS, () => hasStarted || fail(SILENT));

      return {
        get send_() {
          return alone
            ? alone.send_
            : (data: string | Uint8Array) => port.postMessage(["send", socket, data]);
        },
        close_(code, reason) {
          if (!WELL_LEFT.includes(code)) left = socket;
          if (alone) alone.close_(code, reason);
          end(code, reason);
        },
      };
    }

    return standIn ? standIn(env, openShared, keeper, stream, options, warn) : openShared;
  };
