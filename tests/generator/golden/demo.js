// Shows what arrives. Nothing here is needed in your own page but addCustomEvent and BX.PULL.start().

// Who the page's user is, said before the client's script runs, as a portal does.
(function () {
  "use strict";

  var user = Number(new URLSearchParams(location.search).get("bxpull_user"));
  if (!user) return;
  window.BX = window.BX || {};
  window.BX.message = user < 0 ? { pull_guest_mode: "Y", pull_guest_user_id: user } : { USER_ID: user };
})();

// Then all deferred scripts have run, the client's too.
document.addEventListener("DOMContentLoaded", function () {
  "use strict";

  var AUTOSTART = false;
  var MAX_ROWS = 500;

  var log = [];
  var byId = function (id) { return document.getElementById(id); };
  var rows = document.querySelector("#events tbody");

  // For tests and for the console: every handler call as {handler, args}.
  window.bxpullDemo = { events: log };

  function problem(text) {
    byId("problem").textContent = text;
    byId("problem").hidden = !text;
  }

  if (!window.BX || !window.BX.PULL) {
    showStatus("failed");
    problem("The bundle " + "bxpull.js" + " did not load, see the console. If its integrity is wrong, build again.");
    return;
  }
  var BX = window.BX;

  function showStatus(status) {
    byId("status").textContent = status;
    byId("status").dataset.status = status;
  }

  function text(value) {
    if (value === undefined) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  function cell(row, value, name) {
    var item = row.insertCell();
    item.textContent = value;
    if (name) item.className = name;
  }

  // Long, and much the same for every event: to be opened.
  function folded(row, value) {
    var item = row.insertCell();
    item.className = "data";
    if (!value) return;
    var details = item.appendChild(document.createElement("details"));
    details.appendChild(document.createElement("summary")).textContent = value.server_name || "…";
    details.appendChild(document.createElement("pre")).textContent = JSON.stringify(value, null, 1);
  }

  function show(handler, module, command, params, extra) {
    var row = rows.insertRow(0);
    row.dataset.handler = handler;
    row.dataset.module = module;
    row.dataset.command = command;
    cell(row, String(log.length), "number");
    cell(row, new Date().toLocaleTimeString(), "time");
    cell(row, handler, "name");
    cell(row, module);
    cell(row, command);
    cell(row, text(params), "data");
    folded(row, extra);
    if (rows.rows.length > MAX_ROWS) rows.deleteRow(-1);
    byId("empty").hidden = true;
    byId("count").textContent = String(log.length);
  }

  function listen(handler, read) {
    BX.addCustomEvent(handler, function () {
      var args = Array.prototype.slice.call(arguments);
      log.push({ handler: handler, args: args });
      show.apply(null, [handler].concat(read.apply(null, args)));
      debug();
    });
  }

  // Desktop pages: what back ends send, and what other pages do.
  ["onPullEvent", "onPullClientEvent"].forEach(function (handler) {
    listen(handler, function (module, command, params, extra) { return [module, command, params, extra]; });
    ["main", "test"].forEach(function (module) {
      listen(handler + "-" + module, function (command, params, extra) { return [module, command, params, extra]; });
    });
  });
  listen("onPullOnlineEvent", function (command, params, extra) { return ["online", command, params, extra]; });

  // Mobile pages.
  ["onPull", "onPullClient"].forEach(function (handler) {
    listen(handler, function (data) { return [data.module_id, data.command, data.params, data.extra]; });
    ["main", "test"].forEach(function (module) {
      listen(handler + "-" + module, function (data) { return [module, data.command, data.params, data.extra]; });
    });
  });
  listen("onPullOnline", function (data) { return ["online", data.command, data.params, data.extra]; });

  // The connection.
  listen("onPullStatus", function (status) {
    showStatus(status);
    return ["pull", status];
  });

  function debug() {
    var info = BX.PULL.getDebugInfo();
    var body = document.querySelector("#debug tbody");
    body.textContent = "";
    Object.keys(info).forEach(function (key) {
      var row = body.insertRow();
      var head = document.createElement("th");
      head.scope = "row";
      head.textContent = key;
      row.appendChild(head);
      cell(row, text(info[key]), "data");
    });
  }

  function start() {
    problem("");
    showStatus("connect");
    return BX.PULL.start().then(
      function () {
        showStatus("online");
        debug();
      },
      function (error) {
        showStatus("failed");
        problem("No connection: " + ((error && error.message) || text(error)));
        debug();
      }
    );
  }

  function toggle(id, apply) {
    byId(id).addEventListener("click", function () {
      var on = byId(id).getAttribute("aria-pressed") !== "true";
      byId(id).setAttribute("aria-pressed", String(on));
      apply(on);
    });
  }

  byId("connect").addEventListener("click", start);
  byId("disconnect").addEventListener("click", function () {
    BX.PULL.stop();
    showStatus("offline");
    debug();
  });
  toggle("capture", function (on) { BX.PULL.capturePullEvent(on); });
  toggle("logging", function (on) { BX.PULL.enableLogging(on); });
  byId("refresh").addEventListener("click", debug);
  byId("clear").addEventListener("click", function () {
    log.length = 0;
    rows.textContent = "";
    byId("count").textContent = "0";
    byId("empty").hidden = false;
  });

  debug();
  if (AUTOSTART) {
    showStatus("connect");
  } else {
    start();
  }
});
