// What the page of the oracle registers: every way to listen, each noting what it is told.
"use strict";

/** [listener, arguments], in the order of the calls. */
window.log = [];
/** Number of the last event of module `drain`: all sent before it has been handled. */
window.drained = 0;

const note = (name) => (...args) => {
  if (args[0] === "drain") window.drained = args[2].number;
  else window.log.push([name, args]);
};

class Handler {
  getModuleId() {
    return "test";
  }
  getMap() {
    return { mapped: note("command handler, by getMap") };
  }
  handleCheck(...args) {
    note("command handler, by handleCheck")(...args);
  }
}

const names = [
  "onPullEvent-test",
  "onPullEvent",
  "onPullClientEvent-test",
  "onPullClientEvent",
  "onPullOnlineEvent",
  "onPullStatus",
  "onPullRevisionUp",
  "onPullError",
];
for (const name of names) BX.addCustomEvent(name, note(name));

const moduleId = "test";
BX.PULL.subscribe({ type: "server", moduleId, callback: note("subscribe server") });
BX.PULL.subscribe(new Handler());
BX.PULL.subscribe({ moduleId, command: "check", callback: note("subscribe server command=check") });
BX.PULL.subscribe({ type: "client", moduleId, callback: note("subscribe client") });
for (const type of ["online", "status", "revision"]) {
  BX.PULL.subscribe({ type, callback: note(`subscribe ${type}`) });
}
