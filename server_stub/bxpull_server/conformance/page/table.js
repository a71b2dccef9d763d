// The live table: a row for each scenario, a column for each wire.

import { CARRIERS, FORMATS, WIRES } from "./wires.js";

const WORDS = { waiting: "–", running: "…", passed: "✓ pass", failed: "✗ fail", impossible: "n/a" };

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

export class Table {
  /** @param scenarios The names of the rows. */
  constructor(scenarios) {
    this._cells = new Map();
    const table = document.querySelector("table");
    table.tHead.append(formats(), carriers());
    for (const scenario of scenarios) table.tBodies[0].append(this._row(scenario));
  }

  _row(scenario) {
    const row = document.createElement("tr");
    row.append(element("th", scenario, { scope: "row" }));
    for (const wire of WIRES) {
      const cell = element("td", WORDS.waiting, { class: "waiting" });
      this._cells.set(`${scenario}/${wire.name}`, cell);
      row.append(cell);
    }
    return row;
  }

  /** Shows how a scenario goes on a wire. */
  show(scenario, wire, outcome, reason = "") {
    const cell = this._cells.get(`${scenario}/${wire.name}`);
    cell.className = outcome;
    cell.textContent = WORDS[outcome];
    cell.title = reason;
  }
}

/** Adds a line to one of the lists below the table, and shows that. */
export function tell(list, text) {
  const section = document.getElementById(list);
  section.hidden = false;
  section.querySelector("ul").append(element("li", text));
}

function formats() {
  const row = document.createElement("tr");
  row.append(element("th", "Scenario", { scope: "col", rowspan: "2" }));
  for (const { name, version } of FORMATS) {
    row.append(
      element("th", `${name} (version ${version})`, { scope: "colgroup", colspan: CARRIERS.length }),
    );
  }
  return row;
}

function carriers() {
  const row = document.createElement("tr");
  for (const wire of WIRES) row.append(element("th", wire.name.split(", ")[1], { scope: "col" }));
  return row;
}
