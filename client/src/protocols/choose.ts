import { PullError } from "../errors";
import type { Peer } from "./types";

/** Who speaks to a server of this version: of those there are, version 4 may do with text. */
export function choosePeer(peers: readonly Peer[], version = 1): Peer {
  const find = (mode: string) => peers.find(({ mode_ }) => mode_ === mode);
  const wanted = version >= 5 ? "json-rpc" : version >= 4 ? "protobuf" : "text";
  const found = find(wanted) || (version < 5 && find("text"));
  if (found) return found;
  throw new PullError(
    "BAD_CONFIG",
    `server version ${version} needs ${wanted.replace("-", "")} in the build option protocols`,
  );
}
