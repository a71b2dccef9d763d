import type { PullConsole } from "../../src/console/create";
import { installConsole } from "../../src/console/install";
import type { PullOptions } from "../../src/pull/options";
import { connectedPage, type TestPage } from "../support/page";

/** A page with our client, connected, and the console. */
export interface ConsolePage extends TestPage {
  console: PullConsole;
}

export async function consolePage(options: PullOptions = {}): Promise<ConsolePage> {
  const made = await connectedPage(options);
  Object.assign(made.env, { BX: made.BX });
  made.BX.PULL = made.pull;
  installConsole(made.win);
  return { ...made, console: made.BX.PullConsole };
}

/** Module, command and number of each event. */
export const briefly = (console: PullConsole) =>
  console
    .events()
    .map(({ module, command, params }) => [module, command, (params as { n?: unknown }).n].join(" ").trim());
