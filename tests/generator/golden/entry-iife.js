import { install } from "./install";
install(__BXPULL_SETTINGS__);
