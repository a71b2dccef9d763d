import type { Channel } from "./config";
import { CloseReasons } from "./constants";

/** What the system commands of module `pull` make the client do, protocol.md §8. */
export interface SystemActions {
  /** Uses this channel in place of the one of its type, then reconnects. */
  replaceChannel(channel: Channel): void;
  /** Closes, loads the configuration again and connects. */
  restart(code: number, reason: string): void;
  /** Closes and connects again after `delayMs`. */
  reconnect(code: number, reason: string, delayMs?: number): void;
  log(message: string): void;
}

/** The time a server takes to restart, as it announces it. */
const RESTART_DELAY_MS = 15_000;

interface ChannelExpire {
  action?: string;
  channel?: { id?: string; type?: string };
  new_channel?: Channel;
}

/** Carries out a system command; unknown ones are logged. */
export function runSystemCommand(command: string, params: unknown, actions: SystemActions): void {
  switch (command.toLowerCase()) {
    case "channel_expire": {
      const { action, channel, new_channel } = (params ?? {}) as ChannelExpire;
      if (action === "reconnect" && new_channel?.id) {
        actions.replaceChannel({ ...new_channel, type: new_channel.type ?? channel?.type ?? "private" });
        actions.reconnect(CloseReasons.CONFIG_REPLACED, "config was replaced");
      } else {
        actions.restart(CloseReasons.CHANNEL_EXPIRED, "channel expired received");
      }
      break;
    }
    case "config_expire":
      actions.restart(CloseReasons.CONFIG_EXPIRED, "config expired received");
      break;
    case "server_restart":
      actions.reconnect(CloseReasons.SERVER_RESTARTED, "server was restarted", RESTART_DELAY_MS);
      break;
    default:
      actions.log(`unknown system command ${command}`);
  }
}
