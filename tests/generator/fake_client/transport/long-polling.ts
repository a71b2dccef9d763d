export const longPolling = { name: "long polling" };
