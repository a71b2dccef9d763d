// Which scenarios run on which wires, and in which order.

import { SCENARIOS } from "./scenarios.js";
import { CARRIERS, WIRES } from "./wires.js";

// A browser has about six connections to a server: an open poll holds one, and calls need some.
const LANES = { sockets: 4, polls: 2 };

/** Whether a third of the cells has this one: for each scenario every format once, by every carrier once. */
function sampled(row, column) {
  const format = Math.floor(column / CARRIERS.length);
  return (row + format + column) % CARRIERS.length === 0;
}

/**
 * The cells of the table, by rows.
 *
 * @param query Of the page's address: `only` is a part of the names of the scenarios that run; with `sample`
 *   each of them runs on a third of the wires.
 */
export function cellsOf(query) {
  const cells = SCENARIOS.map((scenario, row) =>
    WIRES.filter((_, column) => !query.has("sample") || sampled(row, column)).map((wire) => ({
      scenario,
      wire,
    })),
  );
  const only = query.get("only") || "";
  return [].concat(...cells).filter(({ scenario }) => scenario.name.includes(only));
}

/** Works on cells until there are none, in so many lanes. */
async function work(cells, lanes, attempt) {
  const queue = cells.slice();
  const lane = async () => {
    while (queue.length > 0) await attempt(queue.shift());
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Attempts all cells: those that wait for long beside the others, those that disturb others at last. */
export async function attemptAll(cells, attempt) {
  const slow = cells.filter(({ scenario }) => scenario.slow);
  const usual = cells.filter(({ scenario }) => !(scenario.slow || scenario.last));
  const sockets = usual.filter(({ wire }) => !wire.polls);
  const polls = usual.filter(({ wire }) => wire.polls);
  await Promise.all([
    work(slow, slow.length, attempt),
    work(sockets, LANES.sockets, attempt),
    work(polls, LANES.polls, attempt),
  ]);
  const last = cells.filter(({ scenario }) => scenario.last);
  await work(last, 1, attempt);
}
