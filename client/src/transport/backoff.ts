/** First upper bound of the wait, milliseconds. */
export const BASE_DELAY_MS = 500;
/** Longest wait, milliseconds. */
export const MAX_DELAY_MS = 30_000;

/**
 * Wait before the next try, milliseconds: exponential with full jitter, so that thousands of clients which
 * lost the same server do not come back in step.
 *
 * @param failures - tries that failed since the last good connection
 * @param random - uniform in [0, 1)
 */
export function backoffDelay(failures: number, random: number): number {
  return random * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** failures);
}
