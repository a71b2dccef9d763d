/**
 * Time that moves only when told to, in milliseconds, and timers on it.
 *
 * @param start - the time now
 * @param breathe - lets promises and messages through
 */
function createTimers(start, breathe) {
  const timers = new Map();
  let now = start;
  let last = 0;

  return {
    now: () => now,
    set(fn, ms = 0) {
      timers.set(++last, { at: now + Math.max(0, Math.ceil(ms)), fn });
      return last;
    },
    clear: (id) => void timers.delete(id),
    /** When the next one is due; null: there is none. */
    due: () => (timers.size ? Math.min(...[...timers.values()].map(({ at }) => at)) : null),
    moveTo(moment) {
      now = Math.max(now, moment);
    },
    /** Runs those that are due now, one after the other. */
    async run() {
      for (const [id, { at, fn }] of [...timers].sort(([, one], [, other]) => one.at - other.at)) {
        if (at > now || !timers.delete(id)) continue;
        try {
          fn();
        } catch (error) {
          self.reportError(error);
        }
        await breathe();
      }
    },
  };
}
