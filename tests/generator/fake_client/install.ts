import { greet } from "./sub/greet";

export interface InstallSettings {
  userId?: number;
  config?: unknown;
}

interface Part {
  name: string;
}

export class FakeClient {
  started = false;
  ticks_ = 0;

  tick() {
    this.ticks_ += 1;
    return Object.keys(this);
  }
}

/** A stand-in for the client: remembers what it was given on the global object, where tests read them. */
export function install(settings: InstallSettings, protocols: Part[], longPolling: Part | undefined, bx: Part) {
  const PULL = new FakeClient();
  const BX = {
    settings,
    parts: [...protocols, longPolling, bx].map((part) => part?.name),
    fields: PULL.tick(),
    greeting: greet(settings?.userId ?? 0),
    strict: isStrict(),
  };
  Object.assign(globalThis, { BX });
  return { BX, PullClient: FakeClient, PULL };
}

function isStrict(this: unknown): boolean {
  return this === undefined;
}
