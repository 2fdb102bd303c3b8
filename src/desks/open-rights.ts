import { checkOptions, matching } from '../core/options.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import { DAY_MS, RETENTION_RULES } from '../governance/retention/categories.ts';
import type { IdentityCheck, RightsRequest } from '../governance/rights/request.ts';
import { Rights } from './rights-desk.ts';
import type { CopyFile } from './rights-holding.ts';
import { ORIGINALS_DATABASE } from '../vault/originals-store.ts';
import { RECORDINGS_DATABASE } from '../vault/recording-store.ts';
import { REVIEW_DATABASE } from '../vault/review-store.ts';
import { IndexedDbRightsStore, RIGHTS_DATABASE } from '../vault/rights-store.ts';

/** Options of {@link openRights}. */
export interface RightsOptions {
  /** Whose consent is withdrawn, whose records are copied; its key signs receipts. */
  readonly ledger: ConsentLedger;
  /** Finds out whether it is the person, or their guardian, who asks (PIPL, 50; GB/T 35273-2020, 8.7 a). The app's own. */
  readonly checkIdentity: (request: RightsRequest) => Promise<IdentityCheck>;
  /**
   * Carries a request out over what the app keeps itself (accounts, files, what it shared), and closes an account. Called before the request is completed,
   * and again when that was interrupted; files that it returns go into the copy, under `app/`.
   */
  readonly carryOutElsewhere?: (request: RightsRequest) => Promise<readonly CopyFile[] | undefined>;
  /** Where requests are kept, default `bauta-rights`. */
  readonly databaseName?: string;
  /** As for `openRecordings`. */
  readonly recordingsDatabase?: string;
  /** As for `openReview`. */
  readonly originalsDatabase?: string;
  /** As for `openReview`. */
  readonly reviewDatabase?: string;
}

const name = matching('a database name', (value) => typeof value === 'string' && value !== '');
const callback = matching('a function', (value) => typeof value === 'function');

/**
 * Opens the desk at which people's requests about their own data are taken and carried out. Requests whose own time is over are forgotten.
 * @throws TypeError for a bad option; FacePrivacyError ERR_STORAGE_FAILED.
 */
export async function openRights(options: RightsOptions): Promise<Rights> {
  checkOptions<RightsOptions>(
    'openRights',
    options,
    {
      ledger: matching('a ConsentLedger from openConsentLedger()', (value) => value instanceof ConsentLedger),
      checkIdentity: callback,
      carryOutElsewhere: callback,
      databaseName: name,
      recordingsDatabase: name,
      originalsDatabase: name,
      reviewDatabase: name,
    },
    ['ledger', 'checkIdentity'],
  );
  const { ledger, checkIdentity, carryOutElsewhere, databaseName = RIGHTS_DATABASE } = options;
  const context = ConsentLedger.keeping(ledger);
  const store = await IndexedDbRightsStore.open(databaseName, context);
  try {
    await store.forget(context.now() - RETENTION_RULES['rights-records'].defaultDays * DAY_MS);
    return new Rights({
      ledger,
      context,
      store,
      names: { recordings: options.recordingsDatabase ?? RECORDINGS_DATABASE, originals: options.originalsDatabase ?? ORIGINALS_DATABASE, reviews: options.reviewDatabase ?? REVIEW_DATABASE },
      channel: `bauta:${databaseName}`,
      checkIdentity,
      carryOutElsewhere: async (request) => (await carryOutElsewhere?.(request)) ?? [],
    });
  } catch (error) {
    store.close();
    throw error;
  }
}
