import { installConsole } from "./console/install";

installConsole(window);
