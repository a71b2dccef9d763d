/** What `read` gives, or `fallback` when it throws. */
export function quietly<T, U>(read: () => T, fallback: U): T | U {
  try {
    return read();
  } catch {
    return fallback;
  }
}
