/** How the connection is: a sentence, and whether it is good. */
export function connectionOf(info: Record<string, unknown> | undefined): { text_: string; level_: string } {
  if (!info) return { text_: "no BX.PULL", level_: "bad" };
  const user = Number.parseInt(String(info.UserId), 10) ? `, user ${info.UserId}` : "";
  const say = (text: string, level: string) => ({ text_: text + user, level_: level });
  if (info.Connect === "Y") {
    const isSocket = info["WebSocket connected"] === "Y";
    return say(isSocket ? `WebSocket, ${info["WebSocket mode"]}` : "long polling", "good");
  }
  if (info["Try connect"] === "Y") return say(`connecting, try ${info["Try number"]}`, "");
  return say("not connected", "bad");
}
