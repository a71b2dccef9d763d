// Runs every scenario on every wire, shows how it goes, and posts the result.

import { Bench } from "./bench.js";
import { offerCopy } from "./copy.js";
import { SCENARIOS } from "./scenarios.js";
import { Run } from "./server.js";
import { Table, tell } from "./table.js";
import { impossible, WIRES } from "./wires.js";

// A browser has about six connections to a server: an open poll holds one, and calls need some.
const LANES = { sockets: 4, polls: 2 };

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

function seconds(since) {
  return Math.round(performance.now() - since) / 1000;
}

/** Why a scenario is not tried on a wire, or "". */
function missing(scenario, wire, run) {
  return impossible(wire, run.noSharedWorker) || (scenario.not ? scenario.not(wire) : "");
}

/** Tries one scenario on one wire; resolves with the cell of the result. */
async function attempt({ scenario, wire }, run, table) {
  const began = performance.now();
  const cell = { scenario: scenario.name, wire: wire.name, outcome: "impossible", reason: "", seconds: 0 };
  cell.reason = missing(scenario, wire, run);
  if (!cell.reason) {
    table.show(scenario.name, wire, "running");
    const bench = new Bench(run, wire);
    try {
      await scenario.run(bench);
      cell.outcome = "passed";
    } catch (error) {
      cell.outcome = "failed";
      cell.reason = String((error && error.message) || error) || "no reason was given";
    }
    bench.close();
  }
  cell.seconds = seconds(began);
  table.show(scenario.name, wire, cell.outcome, cell.reason);
  return cell;
}

/** What the lanes take from, one after the other: long ones first, disturbing ones last. */
function order(cells) {
  const rank = ({ scenario }) => (scenario.slow ? 0 : scenario.last ? 2 : 1);
  return [0, 1, 2].map((wanted) => cells.filter((cell) => rank(cell) === wanted));
}

class Progress {
  constructor(total) {
    this._counts = { passed: 0, failed: 0, impossible: 0 };
    this._bar = document.getElementById("progress");
    this._bar.max = total;
  }

  add(cell) {
    this._counts[cell.outcome] += 1;
    this._bar.value += 1;
    show("counts", this.text);
    if (cell.outcome === "failed") tell("failures", `${cell.scenario} (${cell.wire}): ${cell.reason}`);
  }

  get text() {
    const { passed, failed, impossible: not } = this._counts;
    return `${passed} passed, ${failed} failed, ${not} not possible here`;
  }
}

/** Works on cells until there are none, as many at once as there are lanes. */
async function work(cells, lanes, attemptOne) {
  const queue = cells.slice();
  const lane = async () => {
    while (queue.length > 0) await attemptOne(queue.shift());
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function tellReasons(cells) {
  const reasons = new Set();
  for (const { scenario, wire, outcome, reason } of cells) {
    if (outcome === "impossible")
      reasons.add(reason.startsWith("the ") ? `${wire}: ${reason}` : `${scenario}: ${reason}`);
  }
  for (const reason of reasons) tell("reasons", reason);
}

async function main() {
  const began = performance.now();
  show("browser", navigator.userAgent);
  show("status", "Running the scenarios …");
  const run = await Run.begin();
  const only = new URLSearchParams(location.search).get("only") || "";
  const chosen = SCENARIOS.filter((scenario) => scenario.name.includes(only));
  const table = new Table(chosen.map((scenario) => scenario.name));
  const all = [].concat(...chosen.map((scenario) => WIRES.map((wire) => ({ scenario, wire }))));
  const progress = new Progress(all.length);
  const done = [];
  const attemptOne = async (cell) => {
    const result = await attempt(cell, run, table);
    done.push(result);
    progress.add(result);
  };
  const [slow, usual, last] = order(all);
  await Promise.all([
    work(slow, slow.length, attemptOne),
    work(
      usual.filter(({ wire }) => !wire.polls),
      LANES.sockets,
      attemptOne,
    ),
    work(
      usual.filter(({ wire }) => wire.polls),
      LANES.polls,
      attemptOne,
    ),
  ]);
  await work(last, 1, attemptOne);
  const place = (cell) =>
    all.findIndex(({ scenario, wire }) => scenario.name === cell.scenario && wire.name === cell.wire);
  done.sort((a, b) => place(a) - place(b));
  tellReasons(done);
  const result = { browser: navigator.userAgent, seconds: seconds(began), cells: done };
  offerCopy(JSON.stringify(result, null, 1));
  await run.finish(result);
  show("status", `Finished in ${result.seconds} s: ${progress.text}. The server has the result.`);
}

main().catch((error) => show("status", `The run broke off: ${error.message || error}`));
