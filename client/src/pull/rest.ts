import type { Env } from "../env";
import { RestError } from "../errors";
import type { ResolvedOptions } from "./options";

/** Calls a REST method of the portal and resolves with its `result`; rejects with {@link RestError}. */
export type CallRest = (method: string, params: Record<string, unknown>, logTag?: string) => Promise<unknown>;

type Answer = { result?: unknown; error?: unknown; error_description?: unknown; sessid?: unknown };

const encode = encodeURIComponent;

/** PHP's form encoding: lists become `name[0]=…&name[1]=…`. */
function toForm(params: Record<string, unknown>): string {
  return Object.entries(params)
    .map(([name, value]) =>
      Array.isArray(value)
        ? value.map((item, index) => `${name}[${index}]=${encode(String(item))}`).join("&")
        : `${name}=${encode(String(value))}`,
    )
    .join("&");
}

function refusal(method: string, answer: Answer, status: number): RestError {
  const code = String(answer.error || "REST_FAILED");
  const reason = answer.error_description || (answer.error ? code : `HTTP status ${status}`);
  return new RestError(code, `${method} was refused: ${reason}`, status);
}

/** Built-in caller: form-encoded POST with the page's session, one more try with a renewed session id. */
function httpCaller(
  env: Env,
  options: ResolvedOptions,
  sessid: () => string,
  signal: () => AbortSignal,
): CallRest {
  const [base = "", query] = options.restUrl.split("?");
  const address = (method: string, logTag: string | undefined) => {
    const own = method === options.configGetMethod && options.configUrl;
    const url = own || `${base.replace(/\/?$/, "/")}${method}.json${query ? `?${query}` : ""}`;
    return logTag ? `${url}${url.includes("?") ? "&" : "?"}logTag=${encode(logTag)}` : url;
  };
  const call = async (
    method: string,
    params: Record<string, unknown>,
    logTag: string | undefined,
    session: string,
  ): Promise<unknown> => {
    const who = options.guestMode
      ? { pull_guest_id: options.guestUserId }
      : session
        ? { sessid: session }
        : {};
    let status = 0;
    let answer: Answer;
    try {
      const response = await env.fetch(address(method, logTag), {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: toForm({ ...who, ...params }),
        signal: signal(),
      });
      status = response.status;
      answer = await response.json();
    } catch (error) {
      const why = status ? `the answer (HTTP status ${status}) is not JSON` : (error as Error).message;
      throw new RestError("REST_FAILED", `${method} got no usable answer: ${why}`, status);
    }
    if (answer?.error === "session_failed" && answer.sessid && answer.sessid !== session) {
      return call(method, params, logTag, String(answer.sessid));
    }
    if (status > 299 || !answer || answer.error) throw refusal(method, answer ?? {}, status);
    // A plain file may serve as configuration: then the answer is the result.
    return "result" in answer ? answer.result : answer;
  };
  return (method, params, logTag) => call(method, params, logTag, sessid());
}

interface RestResult {
  data?(): unknown;
  error?(): unknown;
  status?: number;
  answer?: Answer;
}

/** Adapts a `restClient` of the page: its promise settles with a result object that has `data()` and `error()`. */
function pageCaller(options: ResolvedOptions): CallRest {
  return async (method, params, logTag) => {
    const fail = (result: RestResult | undefined) => {
      const error = (result?.error?.() ?? result?.answer ?? result) as
        | Record<string, unknown>
        | string
        | undefined;
      const answer = typeof error === "object" ? ((error.ex as Answer | undefined) ?? error) : { error };
      return refusal(
        method,
        answer as Answer,
        Number(result?.status ?? (answer as { status?: number }).status ?? 0),
      );
    };
    let result: RestResult | undefined;
    try {
      result = (await options.restClient?.callMethod(
        method,
        params,
        undefined,
        undefined,
        logTag,
      )) as RestResult;
    } catch (error) {
      if (error instanceof Error) {
        throw new RestError("REST_FAILED", `${method} got no usable answer: ${error.message}`, 0);
      }
      throw fail(error as RestResult);
    }
    if (result?.error?.()) throw fail(result);
    return result?.data ? result.data() : result;
  };
}

export function createRest(
  env: Env,
  options: ResolvedOptions,
  sessid: () => string,
  signal: () => AbortSignal,
): CallRest {
  return options.restClient ? pageCaller(options) : httpCaller(env, options, sessid, signal);
}
