/** Long polling, where WebSockets do not get through. */
export const longPolling = {};
