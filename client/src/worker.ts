import type { Seam } from "./env";
import { serveTabs, type WorkerScope } from "./worker/serve";

const scope = self as unknown as WorkerScope & Seam<WorkerScope>;
serveTabs(scope.bxPullEnv || scope);
