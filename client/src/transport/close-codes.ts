// Close codes: docs/protocol.md; 3000 to 3006 are sent by clients. Constants, because minifiers inline those.
export const NORMAL_CLOSURE = 1000;
export const ABNORMAL_CLOSURE = 1006;
export const CONFIG_REPLACED = 3000;
export const CHANNEL_EXPIRED = 3001;
export const SERVER_RESTARTED = 3002;
export const CONFIG_EXPIRED = 3003;
export const MANUAL = 3004;
export const STUCK = 3005;
export const WRONG_CHANNEL_ID = 4010;
/**
 * A published frame was refused: 4012 to 4021. 4012 is about the connection, which may publish nothing: to try that
 * again, as after a loss, would be of no use.
 */
export const FIRST_REFUSAL = 4012;
export const LAST_REFUSAL = 4021;
