import type { Channel } from "./config";
import { CHANNEL_EXPIRED, CONFIG_EXPIRED, CONFIG_REPLACED, SERVER_RESTARTED } from "./constants";

/** What the system commands of module `pull` make the client do, protocol.md §8. */
export interface SystemActions {
  /** Uses this channel in place of the one of its type, then reconnects. */
  replaceChannel_(channel: Channel): void;
  /** Closes, loads the configuration again and connects. */
  restart_(code: number, reason: string): void;
  /** Closes and connects again after `delay` seconds. */
  reconnect_(code: number, reason: string, delay?: number): void;
  log_(message: string): void;
}

/** The time a server takes to restart, seconds. */
const RESTART_DELAY_S = 15;

interface ChannelExpire {
  action?: string;
  channel: Channel;
  new_channel?: Channel;
}

/** Carries out a system command; unknown ones are logged. */
export function runSystemCommand(command: string, params: unknown, actions: SystemActions): void {
  const { action, channel, new_channel } = Object(params) as ChannelExpire;
  switch (command.toLowerCase()) {
    case "channel_expire":
      if (action === "reconnect" && new_channel) {
        actions.replaceChannel_({ ...channel, ...new_channel });
        actions.reconnect_(CONFIG_REPLACED, "config was replaced");
      } else {
        actions.restart_(CHANNEL_EXPIRED, "channel expired received");
      }
      break;
    case "config_expire":
      actions.restart_(CONFIG_EXPIRED, "config expired received");
      break;
    case "server_restart":
      actions.reconnect_(SERVER_RESTARTED, "server was restarted", RESTART_DELAY_S);
      break;
    default:
      actions.log_(`unknown system command ${command}`);
  }
}
