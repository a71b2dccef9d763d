// What users see of the stand-in.
export type { Greeting } from "../sub/greeting";
export type { Bx } from "./bx";
