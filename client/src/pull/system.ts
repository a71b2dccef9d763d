import type { Channel } from "./config";
import { CloseReasons } from "./constants";

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
  const name = command.toLowerCase();
  const [subject] = name.split("_");
  const { action, channel, new_channel } = (params || {}) as ChannelExpire;
  if (name === "server_restart") {
    actions.reconnect_(CloseReasons.SERVER_RESTARTED, "server was restarted", RESTART_DELAY_S);
  } else if (name !== "channel_expire" && name !== "config_expire") {
    actions.log_(`unknown system command ${command}`);
  } else if (action === "reconnect" && new_channel) {
    actions.replaceChannel_({ ...channel, ...new_channel });
    actions.reconnect_(CloseReasons.CONFIG_REPLACED, "config was replaced");
  } else {
    const code = subject === "config" ? CloseReasons.CONFIG_EXPIRED : CloseReasons.CHANNEL_EXPIRED;
    actions.restart_(code, `${subject} expired received`);
  }
}
