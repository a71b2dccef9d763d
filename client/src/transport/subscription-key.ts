import { quietly } from "../quietly";

/** Whom a token is for and what it opens, however often it was issued; the token itself if it does not say. */
function claimsOf(token: string): string {
  const claims = quietly(() => {
    const [, payload] = token.split(".") as [string, string];
    const { iss, sub, chan } = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    return (sub || chan) && JSON.stringify([iss, sub, chan]);
  });
  return claims || token;
}

/**
 * Same for the same subscription, different for any other: of another user, server, format. Holds secrets.
 *
 * @param url - a socket's address, without a position
 */
export function subscriptionKey(url: string, binary: unknown): string {
  const key = new URL(url);
  const token = key.searchParams.get("token");
  if (token) key.searchParams.set("token", claimsOf(token));
  // Tabs of one socket may come from different histories of the server.
  key.searchParams.delete("history");
  return `${key} ${!!binary}`;
}
