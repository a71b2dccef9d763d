/** What it says. */
export type Greeting = string;

/** Unneeded. */
export type Farewell = string;
