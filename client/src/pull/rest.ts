import type { BxGlobal } from "../bx/types";
import type { Env } from "../env";
import { PullError } from "../errors";
import { toQuery, withQuery } from "../query";
import type { ResolvedOptions, RestClient } from "./options";

/** Calls a REST method of the portal and resolves with its `result`; rejects with {@link PullError}. */
export type CallRest = (method: string, params: object, logTag?: string) => Promise<unknown>;

interface Answer {
  result?: unknown;
  error?: string;
  error_description?: string;
  sessid?: string;
}

/** What a `restClient` of the page settles its promise with, well or badly. */
interface RestResult {
  data(): unknown;
  error?(): Answer | string | false;
  status?: number;
  message?: string;
}

/** A form-encoded POST with the page's session, or a call through the page's `restClient`. */
export function createRest(
  env: Env,
  options: ResolvedOptions,
  BX: BxGlobal,
  signal: () => AbortSignal,
): CallRest {
  const refusal = (method: string, status: number, { error, error_description }: Answer) =>
    new PullError(
      error || "REST_FAILED",
      `${method}: ${error_description || error || `HTTP status ${status}`}`,
      status,
    );

  async function callByPage(method: string, params: object, logTag?: string): Promise<unknown> {
    const result = (await (options.restClient as RestClient)
      .callMethod(method, params, undefined, undefined, logTag)
      .catch((failure) => failure)) as RestResult;
    const error = result.error ? result.error() : result.message;
    if (error)
      throw refusal(
        method,
        result.status || 0,
        typeof error === "string" ? { error_description: error } : error,
      );
    return result.data();
  }

  async function post(
    method: string,
    params: object,
    logTag?: string,
    session = BX.bitrix_sessid(),
  ): Promise<unknown> {
    const { configGetMethod, configUrl, restUrl, guestMode, guestUserId } = options;
    const base =
      (method === configGetMethod && configUrl) || restUrl.replace(/\/?(\?|$)/, `/${method}.json$1`);
    const who = guestMode ? { pull_guest_id: guestUserId } : { sessid: session };
    let status = 0;
    let answer: Answer;
    try {
      const response = await env.fetch_(withQuery(base, { logTag }), {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: toQuery({ ...who, ...params }),
        signal: signal(),
      });
      status = response.status;
      answer = (await response.json()) || {};
    } catch (error) {
      throw refusal(method, status, { error_description: `no usable answer (${(error as Error).message})` });
    }
    const { error, sessid: renewed, result = answer } = answer;
    // One more try with the session id the portal names.
    if (error === "session_failed" && renewed && renewed !== session)
      return post(method, params, logTag, renewed);
    if (status > 299 || error) throw refusal(method, status, answer);
    // A plain file may serve as configuration: then the answer is the result.
    return result;
  }

  return options.restClient ? callByPage : post;
}
