import { greet } from "../sub/greet";
import type { Greeting } from "../sub/greeting";

/** The stand-in. */
// biome-ignore lint/suspicious/noExplicitAny: for a test
export interface Bx extends Record<string, any> {
  /** Unlike Unneeded, which is not needed; {@link Name}. */
  greeting: Greeting;
  PULL: Pick<BxPullEvents, never>;
  PullClient: Name;
}

type Name =
  | "FakeClient"
  | "Other";

export interface Unneeded {
  name: string;
}

export const greeted = greet(1);
