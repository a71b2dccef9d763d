import { fingerprint } from "./fingerprint";

/**
 * What is a secret by its name in an address or by its form: ids and signatures, which are hex, and tokens.
 * In JSON text what is escaped is not taken apart.
 */
const SECRET =
  /\\(?:u....|.)|\b(?:CHANNEL_ID|token|clientId|sessid|auth)=[^&"\\\s]+|[\da-f]{32,}(?:[.:][\da-f]{32,})*|eyJ[\w-]+\.[\w.-]+/gi;

function hide(found: string): string {
  if (found[0] === "\\") return found;
  if (!found.includes("=")) return fingerprint(found);
  const [[name, ids]] = new URLSearchParams(found) as unknown as [[string, string]];
  return `${name}=${ids.split("/").map(fingerprint).join("/")}`;
}

/** A copy of a value that can be JSON, in whose texts each secret is a fingerprint. */
export function redact<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replace(SECRET, hide));
}
