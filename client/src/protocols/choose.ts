import { PullError } from "../errors";
import type { Protocol } from "./types";

/** What a server of this version speaks: of the protocols in the bundle, version 4 may do with text. */
export function chooseProtocol(protocols: readonly Protocol[], version = 1): Protocol {
  const find = (name: string) => protocols.find(({ name_ }) => name_ === name);
  const wanted = version >= 5 ? "jsonrpc" : version >= 4 ? "protobuf" : "text";
  const found = find(wanted) || (wanted === "protobuf" && find("text"));
  if (found) return found;
  throw new PullError(
    "BAD_CONFIG",
    `server version ${version} needs a build whose option protocols has "${wanted}"`,
  );
}
