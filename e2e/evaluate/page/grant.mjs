import { grantFrom, openLedger } from '/consent.mjs';

/** Permission to process the pictures of the data folder, from a ledger as an app's, in the scene in which nobody has to click. */
export async function openGrant() {
  return grantFrom(await openLedger({ scene: 'service' }));
}
