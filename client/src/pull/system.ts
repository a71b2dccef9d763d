import type { Env } from "../env";
import { CHANNEL_EXPIRED, CONFIG_EXPIRED, CONFIG_REPLACED, SERVER_RESTARTED } from "../transport/close-codes";
import type { Channel } from "./config";

/** Carries out a system command of module `pull`; unknown ones are logged. */
export type Obey = (command: string, params: unknown) => void;

/** The time a server takes to restart, seconds. */
const RESTART_DELAY_S = 15;
/** Its clients come back spread over this time, seconds. */
const RESTART_SPREAD_S = 5;

interface ChannelExpire {
  action?: string;
  channel: Channel;
  new_channel?: Channel;
}

/**
 * Makes what system commands do: docs/protocol.md, System commands.
 *
 * @param replaceChannel - uses this channel in place of the one of its type
 * @param restart - closes, loads the configuration again and connects
 * @param reconnect - closes and connects again after `delay` seconds
 * @param judge - takes in what the server says of its history
 */
export function createSystem(
  replaceChannel: (channel: Channel) => void,
  restart: (code: number, reason: string) => void,
  reconnect: (code: number, reason: string, delay?: number) => void,
  judge: (verdict: unknown) => void,
  env: Env,
  log: (message: string) => void,
): Obey {
  return (command, params) => {
    const { action, channel, new_channel } = Object(params) as ChannelExpire;
    const name = command.toLowerCase();
    if (name === "server_restart") {
      reconnect(SERVER_RESTARTED, "server restarted", RESTART_DELAY_S + env.Math.random() * RESTART_SPREAD_S);
    } else if (name === "resume") {
      judge(params);
    } else if (name === "config_expire") {
      restart(CONFIG_EXPIRED, "config expired received");
    } else if (name !== "channel_expire") {
      log(`unknown command ${command}`);
    } else if (action === "reconnect" && Object(new_channel).id) {
      replaceChannel({ ...channel, ...new_channel });
      reconnect(CONFIG_REPLACED, "config was replaced");
    } else {
      restart(CHANNEL_EXPIRED, "channel expired received");
    }
  };
}
