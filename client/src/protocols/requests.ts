import { type Call, encodeJsonRpc, type Reply } from "../codec/jsonrpc";
import { connectionLost, notConnected, PullError } from "../errors";
import { createPending } from "./pending";
import { checkSize } from "./publishing";
import type { Host } from "./types";

/** How long a server may take to answer, seconds. */
const ANSWER_TIMEOUT_S = 5;

/** Calls methods of the server and waits for its answers. */
export interface Requests {
  /** Sends calls in one frame. Throws when that cannot be; each promise rejects with PullError. */
  send_(calls: readonly Call[], batch: boolean, timeoutS?: number): Promise<unknown>[];
  /** One call. */
  call_(method: string, params: object, timeoutS?: number): Promise<unknown>;
  settle_(reply: Reply): void;
  /** The connection is gone: nobody answers any more. */
  fail_(): void;
}

export function createRequests(host: Host): Requests {
  const pending = createPending(host.scope_);
  // Counts on over reconnects: an answer never meets another request.
  let lastId = 0;

  const requests: Requests = {
    send_(calls, batch, timeoutS = ANSWER_TIMEOUT_S) {
      const frame = encodeJsonRpc(calls, lastId + 1, batch);
      checkSize(new TextEncoder().encode(frame));
      if (!host.send_(frame)) throw notConnected();
      const late = new PullError("TIMEOUT", `no answer within ${timeoutS} s`);
      return calls.map(() => pending.wait_(++lastId, timeoutS * 1000, late));
    },
    // In an async function what is thrown becomes a rejection.
    call_: async (method, params, timeoutS) => requests.send_([{ method, params }], false, timeoutS)[0],
    settle_({ id, error, result }) {
      pending.settle_(id, error && new PullError(String(error.code), error.message), result);
    },
    fail_: () => pending.fail_(connectionLost()),
  };
  return requests;
}
