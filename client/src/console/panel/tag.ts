/** What the panel's element is called. */
export const TAG = "bx-pull-console";
