import { B24PullClientManager } from "@bitrix24/b24jssdk";

const USER = 1;

/** Stands for the B24Frame that a portal gives to an application: REST calls of this user. */
const b24 = {
  actions: { v2: { call: { make: rest } } },
  callMethod: (method, params) => rest({ method, params }),
};

async function rest({ method, params = {} }) {
  const body = new URLSearchParams(Object.entries(params));
  const answer = await fetch(`/rest/${method}.json?bxpull_user=${USER}`, { method: "POST", body });
  const data = await answer.json();
  return {
    isSuccess: !data.error,
    getData: () => data,
    getErrorMessages: () => [data.error_description],
  };
}

const pull = new B24PullClientManager({ b24, userId: USER, siteId: "s1", serverEnabled: true });

pull.subscribe({
  type: "status",
  callback: ({ status }) => {
    document.getElementById("status").textContent = status;
  },
});

pull.subscribe({
  moduleId: "telephony",
  command: "incomingCall",
  callback: ({ number }) => {
    const item = document.createElement("li");
    item.textContent = number;
    document.getElementById("calls").append(item);
  },
});

pull.start();
