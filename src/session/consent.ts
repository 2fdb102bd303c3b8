import { checkOptions, matching } from '../core/options.ts';
import type { Clock } from '../core/time.ts';
import { EXCEPTIONS, isExceptionCode, type ExceptionCode } from '../governance/consent/exceptions.ts';
import { LedgerClock } from '../governance/consent/ledger-clock.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import type { Notice } from '../governance/consent/notice.ts';
import type { ConsentStore } from '../governance/consent/store.ts';
import { openTabs } from '../governance/consent/tabs.ts';
import { openConsentStore } from '../vault/consent-store.ts';

/** Options of {@link openConsentLedger}. */
export interface LedgerOptions {
  /** What people are told and asked. */
  readonly notice: Notice;
  /** Another place for records, key and marks; default: IndexedDB of this origin. */
  readonly store?: ConsentStore;
  /** Another clock. */
  readonly now?: Clock;
  /** Exceptions of GB/T 35273-2020 that really apply here; none by default (TAF-5.1g, TAF-5.4c). */
  readonly exceptions?: readonly ExceptionCode[];
}

/**
 * The ledger of consent in this browser: takes answers to the notice, gives grants, takes withdrawals. It asks for no
 * permission and touches no camera. The caller closes it.
 * @throws TypeError for a notice that lacks something, naming the field; FacePrivacyError ERR_CONSENT_NOTICE for one that
 * is not valid now, ERR_STORAGE_FAILED when the browser gives no storage.
 */
export async function openConsentLedger(options: LedgerOptions): Promise<ConsentLedger> {
  checkOptions<LedgerOptions>(
    'openConsentLedger',
    options,
    {
      notice: matching('a notice', (value) => value !== undefined),
      store: matching('a ConsentStore', (value) => typeof value === 'object' && value !== null),
      now: matching('a function', (value) => typeof value === 'function'),
      exceptions: matching(`a list of ${Object.keys(EXCEPTIONS).join(', ')}`, (value) => Array.isArray(value) && value.every(isExceptionCode)),
    },
    ['notice'],
  );
  const store = options.store ?? (await openConsentStore());
  const tabs = openTabs(store.name);
  try {
    const key = await store.deviceKey();
    const clock = new LedgerClock(options.now ?? Date.now);
    return await ConsentLedger.open({ store, key, clock, tabs, origin: location.origin, exceptions: [...(options.exceptions ?? [])] }, options.notice);
  } catch (error) {
    tabs.close();
    store.close();
    throw error;
  }
}
