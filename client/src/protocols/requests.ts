import { type Call, encodeJsonRpc, type Reply } from "../codec/jsonrpc";
import { PullError } from "../errors";
import { createPending } from "./pending";
import { checkBytes } from "./publishing";
import type { Host } from "./types";

/** How long a server may take to answer, seconds. */
export const ANSWER_TIMEOUT_S = 5;

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
  const settlers = new Map<unknown, (reply: Reply) => void>();
  // Counts on over reconnects: an answer never meets another request.
  let lastId = 0;

  const requests: Requests = {
    send_(calls, batch, timeoutS = ANSWER_TIMEOUT_S) {
      const frame = encodeJsonRpc(calls, lastId + 1, batch);
      checkBytes(new TextEncoder().encode(frame).length);
      if (!host.send_(frame))
        throw new PullError("NOT_CONNECTED", "there is no open socket, and long polling cannot send");
      return calls.map(() => {
        const id = ++lastId;
        return pending
          .wait_(timeoutS * 1000, (resolve, reject) =>
            settlers.set(id, ({ result, error }) => {
              if (error) reject(new PullError(String(error.code), error.message));
              else resolve(result);
            }),
          )
          .finally(() => settlers.delete(id));
      });
    },
    // In an async function what is thrown becomes a rejection.
    call_: async (method, params, timeoutS) => requests.send_([{ method, params }], false, timeoutS)[0],
    settle_(reply) {
      const settle = settlers.get(reply.id);
      if (settle) settle(reply);
    },
    fail_: () => pending.fail_(),
  };
  return requests;
}
