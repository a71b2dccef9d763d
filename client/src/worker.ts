import { serveTabs, type WorkerScope } from "./worker/serve";

serveTabs(self as unknown as WorkerScope);
