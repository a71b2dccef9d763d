/**
 * Stands for a secret (token, channel id, signature) in everything people can see: `#` and eight hex
 * digits, the FNV-1a 32 hash of its UTF-8 bytes. The server prints the same one.
 */
export function fingerprint(secret: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(secret)) hash = Math.imul(hash ^ byte, 0x01000193);
  return `#${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
