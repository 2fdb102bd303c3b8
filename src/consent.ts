import { ConsentLedger, type ConsentStore } from './governance/consent/ledger.ts';
import type { Clock } from './core/time.ts';
import { openConsentStore } from './vault/consent-store.ts';

/**
 * The ledger of consent records in this browser: records answers, gives grants, takes withdrawals. The caller closes it.
 * @param options `store`: another place for the records; `now`: another clock, for tests.
 * @throws FacePrivacyError ERR_STORAGE_FAILED when the browser gives no storage.
 */
export async function openConsentLedger(options: { readonly store?: ConsentStore; readonly now?: Clock } = {}): Promise<ConsentLedger> {
  return new ConsentLedger(options.store ?? (await openConsentStore()), options.now ?? Date.now);
}
