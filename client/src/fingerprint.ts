/** An id with its signature, and maybe with a public id; the id's digits are captured. */
const SIGNED_ID = /^([\da-f]{32})([.:][\s\S]*)?$/i;

/**
 * Stands for a secret (token, channel id, signature) in everything people can see: `#` and eight hex
 * digits, its FNV-1a 32 hash. An id has the same one signed and bare; the server prints the same one.
 */
export function fingerprint(secret: unknown): string {
  let hash = 0x811c9dc5;
  const named = String(secret).replace(SIGNED_ID, (_, id: string) => id.toLowerCase());
  for (const byte of new TextEncoder().encode(named)) hash = Math.imul(hash ^ byte, 0x01000193);
  return `#${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
