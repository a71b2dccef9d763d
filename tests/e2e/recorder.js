// Loaded first into every page of the tests: remembers what page code was told.
"use strict";

/** Calls of `hear` functions, in order: [name, ...arguments]. */
window.heard = [];
/** What was printed: [console method, ...arguments]. */
window.printed = [];
/** Messages of uncaught errors. */
window.uncaught = [];
/** Directives of the Content-Security-Policy that something ran into. */
window.violations = [];
/** Number of the last `Tab.drain()` whose event arrived. */
window.drained = 0;

/** A new handler that notes its arguments under a name. */
window.hear = function (name) {
  return function (...args) {
    window.heard.push([name, ...args]);
  };
};

/** The handler behind `Tab.drain()`: what was sent before it has arrived when it runs. */
window.hearDrain = function () {
  BX.PULL.subscribe({
    moduleId: "drain",
    callback({ params }) {
      window.drained = params.number;
    },
  });
};

for (const method of ["log", "info", "warn", "error"]) {
  const print = console[method];
  console[method] = function (...args) {
    window.printed.push([method, ...args]);
    print.apply(console, args);
  };
}

window.addEventListener("error", (event) => window.uncaught.push(event.message));
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
