import { install } from "./install";
export const { BX, PullClient, PULL } = install(__BXPULL_SETTINGS__);
