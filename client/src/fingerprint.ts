/**
 * Stands for a secret (token, channel id, signature) in everything people can see: `#` and eight hex
 * digits, its FNV-1a 32 hash. The server prints the same one.
 */
export function fingerprint(secret: unknown): string {
  let hash = 0x811c9dc5;
  // Secrets are ASCII: their characters are their bytes.
  for (const char of String(secret)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return `#${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
