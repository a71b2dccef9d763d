import type { BxGlobal } from "../bx/types";
import type { Env } from "../env";
import { PullError } from "../errors";
import { toQuery, withQuery } from "../query";
import type { Scope } from "../scope";
import type { ResolvedOptions } from "./options";

/** How long the portal may take to answer. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Calls a REST method of the portal and resolves with its `result`; rejects with {@link PullError}. */
export type CallRest = (method: string, params: object, logTag?: string) => Promise<unknown>;

/** Makes the caller: a form-encoded POST with the page's session, or a call through the page's `restClient`. */
export function createRest(env: Env, options: ResolvedOptions, BX: BxGlobal, scope: Scope): CallRest {
  async function call(method: string, params: object, logTag?: string, renewed?: string): Promise<unknown> {
    const { restClient } = options;
    let status = 0;
    let answer: unknown;
    const [signal, done] = scope.signal_(ANSWER_TIMEOUT_MS);
    try {
      if (restClient) {
        // It settles with the same kind of object, well or badly.
        const reply = await restClient
          .callMethod(method, params, undefined, undefined, logTag)
          .catch((failure) => failure);
        if (reply instanceof Error) throw reply;
        const error = reply.error();
        status = reply.status || 0;
        answer = error ? { error_description: error, ...error } : { result: reply.data() };
      } else {
        const url =
          (method === options.configGetMethod && options.configUrl) ||
          options.restUrl.replace(/\/?(\?|$)/, `/${method}.json$1`);
        const { guestMode, guestUserId } = options;
        const response = await env.fetch(withQuery(url, { logTag }), {
          method: "POST",
          // The browser names the form encoding in the headers.
          body: toQuery({
            pull_guest_id: guestMode && guestUserId,
            sessid: renewed || (!guestMode && BX.bitrix_sessid()),
            ...params,
          }),
          signal,
        });
        status = response.status;
        answer = await response.json();
      }
    } catch (error) {
      // Without addresses, which browsers name and which may hold secrets.
      answer = { error_description: `no answer: ${(error as Error).message}`.replace(/\S*\/\S*/g, "-") };
    } finally {
      done();
    }
    // A plain file may serve as configuration: then the answer is the result.
    const { error, error_description, sessid, result = answer } = Object(answer);
    // One more try with the session id the portal names.
    if (error === "session_failed" && sessid && !renewed) {
      return call(method, params, logTag, sessid);
    }
    const why = error_description || error || (status > 299 && `HTTP ${status}`);
    if (why) {
      throw new PullError(error || "REST_FAILED", `${method}: ${why}`, status);
    }
    return result;
  }

  return call;
}
