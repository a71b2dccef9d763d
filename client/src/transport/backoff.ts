/**
 * Wait before the next try, milliseconds: exponential with full jitter, so that thousands of clients which
 * lost the same server do not come back in step.
 *
 * @param failures - tries that failed since the last good connection
 * @param random - uniform in [0, 1)
 * @param first - upper bound of the first wait
 * @param last - longest wait
 */
export function backoffDelay(failures: number, random: number, first: number, last: number): number {
  return random * Math.min(last, first * 2 ** failures);
}
