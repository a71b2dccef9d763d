// Runs the scenarios on the wires, shows how it goes, and posts the result.

import { Bench } from "./bench.js";
import { offerCopy } from "./copy.js";
import { attemptAll, cellsOf } from "./plan.js";
import { Run } from "./server.js";
import { Table, tell } from "./table.js";
import { impossible } from "./wires.js";

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

function seconds(since) {
  return Math.round(performance.now() - since) / 1000;
}

/** Why a scenario is not tried on a wire, or "". */
function missing(scenario, wire) {
  return impossible(wire) || (scenario.not ? scenario.not(wire) : "");
}

/** Tries one scenario on one wire; resolves with how it went, as the result says it. */
async function attempt({ scenario, wire }, run, table) {
  const began = performance.now();
  const done = { scenario: scenario.name, wire: wire.name, outcome: "impossible", reason: "", seconds: 0 };
  done.reason = missing(scenario, wire);
  if (!done.reason) {
    table.show(scenario.name, wire, "running");
    const bench = new Bench(run, wire);
    try {
      await scenario.run(bench);
      done.outcome = "passed";
    } catch (error) {
      done.outcome = "failed";
      done.reason = String((error && error.message) || error) || "no reason was given";
    }
    bench.close();
  }
  done.seconds = seconds(began);
  table.show(scenario.name, wire, done.outcome, done.reason);
  return done;
}

class Progress {
  constructor(total) {
    this._counts = { passed: 0, failed: 0, impossible: 0 };
    this._bar = document.getElementById("progress");
    this._bar.max = total;
  }

  add({ outcome, scenario, wire, reason }) {
    this._counts[outcome] += 1;
    this._bar.value += 1;
    show("counts", this.text);
    if (outcome === "failed") tell("failures", `${scenario} (${wire}): ${reason}`);
  }

  get text() {
    const { passed, failed, impossible: not } = this._counts;
    return `${passed} passed, ${failed} failed, ${not} not possible here`;
  }
}

/** Says once for each reason what could not be tried. */
function tellReasons(results) {
  const impossibleOnes = results.filter(({ outcome }) => outcome === "impossible");
  const reasons = impossibleOnes.map(({ scenario, wire, reason }) =>
    reason.startsWith("the ") ? `${wire}: ${reason}` : `${scenario}: ${reason}`,
  );
  for (const reason of new Set(reasons)) tell("reasons", reason);
}

async function main() {
  const began = performance.now();
  show("browser", navigator.userAgent);
  show("status", "Running the scenarios …");
  const run = await Run.begin();
  const cells = cellsOf(new URLSearchParams(location.search));
  const table = new Table([...new Set(cells.map(({ scenario }) => scenario.name))]);
  const progress = new Progress(cells.length);
  const results = new Map();
  await attemptAll(cells, async (cell) => {
    const done = await attempt(cell, run, table);
    results.set(cell, done);
    progress.add(done);
  });
  const inOrder = cells.map((cell) => results.get(cell));
  tellReasons(inOrder);
  const result = { browser: navigator.userAgent, seconds: seconds(began), cells: inOrder };
  offerCopy(JSON.stringify(result, null, 1));
  await run.finish(result);
  show("status", `Finished in ${result.seconds} s: ${progress.text}. The server has the result.`);
}

main().catch((error) => show("status", `The run broke off: ${error.message || error}`));
