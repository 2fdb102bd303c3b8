/** How an evaluated worker is to be worse than the published one. */
export type Worsening = 'no-back' | 'no-hold' | 'no-margin';

/** The orders are in the worker's name, as a query string. */
const orders = new URLSearchParams(self.name);

/** The worker as published where null. */
export const worsening = orders.get('worsen') as Worsening | null;
