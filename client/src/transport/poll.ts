import type { Frame } from "../codec/types";
import type { Env } from "../env";
import type { Scope } from "../scope";
import { ABNORMAL_CLOSURE, WRONG_CHANNEL_ID } from "./close-codes";
import type { OpenTransport } from "./types";

/** A server answers sooner, with nothing if need be: no answer by then means that none will come. */
const ANSWER_TIMEOUT_MS = 60_000;
/** A request that has been out this long was accepted. */
const ACCEPTED_MS = 300;
/** Requests that bring nothing follow each other no sooner. */
const EMPTY_PACE_MS = 1000;

const OK = 200;
const NOT_MODIFIED = 304;
const FORBIDDEN = 403;

const size = (frame: Frame) => (typeof frame === "string" ? frame.length : frame.byteLength);

/** One request after the other as a {@link Transport}; it can only receive. */
export function pollTransport(env: Env, scope: Scope): OpenTransport {
  return (target, handlers) => {
    const abort = new AbortController();
    const { signal } = abort;
    let opened = false;
    let cancels: (() => void)[] = [];

    const after = (ms: number, fn: () => void) => cancels.push(scope.after_(ms, fn));
    function cancelTimers(): void {
      for (const cancel of cancels) cancel();
      cancels = [];
    }
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
      if (!opened) {
        opened = true;
        handlers.onOpen_();
      }
    }

    async function poll(url: string): Promise<void> {
      const began = env.Date.now();
      after(ANSWER_TIMEOUT_MS, () => fail("no answer"));
      after(ACCEPTED_MS, open);
      let response: Response;
      let frame: Frame;
      try {
        response = await env.fetch(url, { cache: "no-store", signal });
        frame = await (target.binary_ ? response.arrayBuffer() : response.text());
      } catch {
        return fail("no answer");
      }
      if (signal.aborted) return;
      cancelTimers();
      const { status } = response;
      if (status !== OK && status !== NOT_MODIFIED) {
        return fail(`HTTP status ${status}`, status === FORBIDDEN ? WRONG_CHANNEL_ID : ABNORMAL_CLOSURE);
      }
      open();
      let pause = 0;
      if (status === OK && size(frame)) {
        if (!handlers.onMessage_(frame)) fail("an answer that cannot be read");
      } else {
        handlers.onPosition_(status === OK ? "" : response.headers.get("Last-Message-Id") || null);
        pause = began + EMPTY_PACE_MS - env.Date.now();
      }
      // Whoever was called may have closed.
      if (signal.aborted) return;
      const next = () => poll(target.url_(target.poll_));
      if (pause > 0) after(pause, next);
      else next();
    }

    poll(target.url_(target.poll_));
    return { isOpen_: () => opened && !signal.aborted, close_: close };
  };
}
