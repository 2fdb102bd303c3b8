import { openDB, type DBSchema } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import type { ConsentStore } from '../governance/consent/ledger.ts';
import { parseConsentRecord, type ConsentRecord } from '../governance/consent/old-record.ts';

interface ConsentSchema extends DBSchema {
  'consent-records': {
    key: string;
    value: ConsentRecord;
    indexes: { 'by-data-subject': string };
  };
}

/**
 * Consent records in IndexedDB of this origin. `append` adds and never overwrites.
 * @param name database name; one per app is enough.
 * @throws FacePrivacyError ERR_STORAGE_FAILED when the browser gives no IndexedDB (private mode, quota, blocked).
 */
export async function openConsentStore(name = 'bauta-consent'): Promise<ConsentStore> {
  const db = await guard(() =>
    openDB<ConsentSchema>(name, 1, {
      upgrade(database) {
        const store = database.createObjectStore('consent-records', { keyPath: 'recordId' });
        store.createIndex('by-data-subject', 'dataSubject');
      },
      // Another tab wants a newer schema: let it, ours reopens on the next page load.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
      },
    }),
  );
  return {
    async append(record) {
      await guard(async () => {
        const tx = db.transaction('consent-records', 'readwrite');
        await Promise.all([tx.store.add(record), tx.done]);
      });
    },
    async recordsOf(dataSubject) {
      const rows = await guard(() => db.getAllFromIndex('consent-records', 'by-data-subject', dataSubject));
      return rows.map(parseConsentRecord);
    },
    close() {
      db.close();
    },
  };
}

/** Where storage is blocked, opening throws at once instead of rejecting; both are told alike. */
async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser refused to read or write consent records (private mode, quota or a blocked upgrade).', {
      cause,
    });
  }
}
