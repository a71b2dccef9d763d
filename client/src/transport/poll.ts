import type { Frame } from "../codec/types";
import type { Env } from "../env";
import { isLater, type Stream } from "../position";
import { createScope } from "../scope";
import { ABNORMAL_CLOSURE, WRONG_CHANNEL_ID } from "./close-codes";
import type { OpenTransport } from "./types";

/** A server answers sooner, with nothing if need be: no answer by then means that none will come. */
const ANSWER_TIMEOUT_MS = 60_000;
/** A request that has been out this long was accepted, by a server that does not say so itself. */
const ACCEPTED_MS = 300;
/** Requests that bring nothing follow each other no sooner. */
const EMPTY_PACE_MS = 1000;
/** How often it is looked whether all of an answer was handed on. */
const BUSY_MS = 50;

const OK = 200;
const NOT_MODIFIED = 304;
const FORBIDDEN = 403;

/**
 * One request after the other as a {@link Transport}; it can only receive.
 *
 * @param stream - the position, which moves with what the server says of its own
 */
export function pollTransport(env: Env, stream: Stream): OpenTransport {
  return (target, handlers) => {
    const abort = new AbortController();
    const { signal } = abort;
    let opened = false;
    const { after_: after, dispose_: cancelTimers } = createScope(env);

    function close(): void {
      cancelTimers();
      abort.abort();
    }
    function fail(reason: string, code = ABNORMAL_CLOSURE): void {
      if (signal.aborted) return;
      close();
      handlers.onClose_(code, reason);
    }
    function open(): void {
      if (!(opened || signal.aborted)) handlers.onOpen_();
      opened = true;
    }

    async function poll(url: string): Promise<void> {
      const began = env.Date.now();
      after(ANSWER_TIMEOUT_MS, () => fail("no answer"));
      if (!target.tells_) after(ACCEPTED_MS, open);
      let response: Response;
      let frame: Frame;
      try {
        response = await env.fetch(url, { cache: "no-store", signal });
        frame = await response[target.binary_ ? "arrayBuffer" : "text"]();
      } catch {
        return fail("no answer");
      }
      cancelTimers();
      const { status } = response;
      if (status !== OK && status !== NOT_MODIFIED) {
        return fail(`HTTP ${status}`, status === FORBIDDEN ? WRONG_CHANNEL_ID : ABNORMAL_CLOSURE);
      }
      open();
      // It, or whoever was called, may have closed.
      if (signal.aborted) return;
      const before = stream.position_;
      let pause = began + EMPTY_PACE_MS - env.Date.now();
      if (status === NOT_MODIFIED) {
        const mid = response.headers.get("Last-Message-Id");
        if (mid && isLater(mid, before.mid)) stream.position_ = { mid };
      } else if (!target.tells_ && !((frame as string).length || (frame as ArrayBuffer).byteLength)) {
        stream.resume_("");
      } else {
        if (!handlers.onMessage_(frame)) fail("an answer cannot be read");
        if (stream.isBusy_() || stream.position_ !== before) pause = 0;
      }
      // Whoever was called may have closed.
      if (signal.aborted) return;
      const next = () => {
        // The position tells only what was handed on: asking now would bring the rest again.
        if (stream.isBusy_()) after(BUSY_MS, next);
        else poll(target.url_(target.poll_));
      };
      // A clock that was put back does not prolong it.
      if (pause > 0) after(Math.min(pause, EMPTY_PACE_MS), next);
      else next();
    }

    // A new one, which is told a verdict of its own.
    stream.verdict_ = "";
    poll(target.url_(target.poll_));
    return { close_: close };
  };
}
