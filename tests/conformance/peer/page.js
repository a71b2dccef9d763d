// A page with the pull client of @bitrix24/b24jssdk, given a REST caller for the server that serves the page.
"use strict";

/** [what happened, its data], oldest first. */
window.log = [];

const { user } = window.peer;

/** A form as PHP reads it. */
function form(params) {
  const body = new URLSearchParams();
  const add = (name, value) => {
    if (Array.isArray(value)) value.forEach((item, index) => add(`${name}[${index}]`, item));
    else body.append(name, value);
  };
  for (const [name, value] of Object.entries(params)) add(name, value);
  return body;
}

async function make({ method, params = {} }) {
  const answer = await fetch(`/rest/${method}.json?bxpull_user=${user}`, { method: "POST", body: form(params) });
  const data = await answer.json();
  return {
    isSuccess: !data.error,
    getData: () => data,
    getErrorMessages: () => [data.error_description],
  };
}

window.client = new B24.B24PullClientManager({
  userId: user,
  siteId: "s1",
  serverEnabled: true,
  b24: {
    actions: { v2: { call: { make } } },
    callMethod: (method, params) => make({ method, params }),
  },
});

for (const type of ["server", "client"]) {
  client.subscribe({ type, moduleId: "test", callback: (data) => window.log.push([type, data]) });
}
client.subscribe({ type: "online", callback: (data) => window.log.push(["online", data]) });
client.subscribe({ type: "status", callback: ({ status }) => window.log.push(["status", status]) });
