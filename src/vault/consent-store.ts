import type { DBSchema, IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import { AUDIT_ROOT, type AuditEntry } from '../governance/audit/entry.ts';
import type { SignedHead } from '../governance/audit/head.ts';
import type { ConsentRecord } from '../governance/consent/record.ts';
import type { ConsentStore, DeviceKey, ExceptionEntry, StoreBatch, StoreView, ThrottleMark, ThrottleStore } from '../governance/consent/store.ts';
import { loadDeviceKey, type KeySchema } from './device-key.ts';
import { openVaultDatabase, type UpgradeStep } from './open-database.ts';
import { isFull, withReserve } from './room-reserve.ts';

/** Version 1 had `consent-records` alone: kept as they are, they were not signed and open nothing. */
interface ConsentSchema extends DBSchema, KeySchema {
  records: { key: string; value: { readonly subject: string; readonly record: ConsentRecord }; indexes: { 'by-subject': string } };
  /** Rows that could not be trusted any more. */
  'set-aside': { key: number; value: { readonly subject: string; readonly record: unknown } };
  audit: { key: number; value: AuditEntry; indexes: { 'by-subject': string } };
  /** Signed heads of the audit log, numbered as they come. */
  heads: { key: number; value: SignedHead };
  exceptions: { key: string; value: ExceptionEntry };
  /** `clock`: latest time seen; `throttle`: refusal of the camera; `notice:ID`: hash of the notice in use. */
  marks: { key: string; value: unknown };
}

type Database = IDBPDatabase<ConsentSchema>;

const STEPS: readonly UpgradeStep<ConsentSchema>[] = [
  () => undefined,
  (database) => {
    database.createObjectStore('records', { keyPath: 'record.recordId' }).createIndex('by-subject', 'subject');
    database.createObjectStore('set-aside', { autoIncrement: true });
    database.createObjectStore('audit', { keyPath: 'sequence' }).createIndex('by-subject', 'ids.subject');
    database.createObjectStore('exceptions', { keyPath: 'exceptionId' });
    database.createObjectStore('keys');
    database.createObjectStore('marks');
  },
  (database) => {
    database.createObjectStore('heads', { autoIncrement: true });
  },
];

/**
 * Consent records, audit log, device key and marks in IndexedDB of this origin. Records and entries are added, never
 * overwritten.
 * @param name database name; one per app is enough.
 * @throws FacePrivacyError ERR_STORAGE_FAILED when the browser gives no IndexedDB (private mode, quota, blocked).
 */
export async function openConsentStore(name = 'bauta-consent'): Promise<ConsentStore> {
  const losing: { tell: () => void } = { tell: () => undefined };
  const db = await guard(() => openVaultDatabase<ConsentSchema>({ name, steps: STEPS, onLost: () => { losing.tell(); } }));
  const store = new IndexedDbConsentStore(name, db);
  losing.tell = () => { store.lose(); };
  return store;
}

class IndexedDbConsentStore implements ConsentStore {
  readonly name: string;
  readonly throttle: ThrottleStore;
  onLost: (() => void) | null = null;
  readonly #db: Database;

  constructor(name: string, db: Database) {
    this.name = name;
    this.#db = db;
    this.throttle = {
      read: () => guard(async () => toMark(await db.get('marks', 'throttle'))),
      update: (change) => guard(() => withReserve(() => updateThrottle(db, change))),
    };
  }

  lose(): void {
    const { onLost } = this;
    this.onLost = null;
    onLost?.();
  }

  deviceKey(): Promise<DeviceKey> {
    return guard(() => loadDeviceKey(this.#db));
  }

  /** Where there is no room to put down the time, it is read all the same: a full disk is no withdrawal. */
  async view(dataSubject: string, seen: EpochMs): Promise<StoreView> {
    try {
      return await this.#view(dataSubject, seen, 'readwrite');
    } catch (error) {
      if (!isFull(error)) throw error;
      return this.#view(dataSubject, seen, 'readonly');
    }
  }

  #view(dataSubject: string, seen: EpochMs, mode: 'readwrite' | 'readonly'): Promise<StoreView> {
    return guard(async () => {
      const tx = this.#db.transaction(['records', 'audit', 'heads', 'marks'], mode);
      const marks = tx.objectStore('marks');
      const audit = tx.objectStore('audit');
      const [rows, last, head, signedHead, mark] = await Promise.all([
        tx.objectStore('records').index('by-subject').getAll(dataSubject),
        audit.index('by-subject').openCursor(dataSubject, 'prev'),
        audit.openCursor(null, 'prev'),
        tx.objectStore('heads').openCursor(null, 'prev'),
        marks.get('clock'),
      ]);
      const highWater = Math.max(seen, toTime(mark));
      if (mode === 'readwrite' && highWater !== mark) await marks.put?.(highWater, 'clock');
      await tx.done;
      const lastRecordId = last?.value.ids['recordId'];
      return {
        rows: rows.map(({ record }) => record),
        lastRecordId: typeof lastRecordId === 'string' ? lastRecordId : null,
        head: head?.value ?? null,
        signedHead: signedHead?.value ?? null,
        highWater,
      };
    });
  }

  dataSubjects(): Promise<string[]> {
    return guard(async () => {
      const subjects: string[] = [];
      const index = this.#db.transaction('records').store.index('by-subject');
      for (let at = await index.openKeyCursor(null, 'nextunique'); at !== null; at = await at.continue()) subjects.push(at.key);
      return subjects;
    });
  }

  commit(batch: StoreBatch): Promise<boolean> {
    return guard(() => withReserve(() => writeBatch(this.#db, batch)));
  }

  discard(dataSubject: string): Promise<void> {
    return guard(async () => {
      const tx = this.#db.transaction('records', 'readwrite');
      for (const key of await tx.store.index('by-subject').getAllKeys(dataSubject)) await tx.store.delete(key);
      await tx.done;
    });
  }

  auditLog(): Promise<AuditEntry[]> {
    return guard(() => this.#db.getAll('audit'));
  }

  auditHeads(): Promise<SignedHead[]> {
    return guard(() => this.#db.getAll('heads'));
  }

  exceptions(): Promise<ExceptionEntry[]> {
    return guard(() => this.#db.getAll('exceptions'));
  }

  noticeHash(noticeId: string, next?: string): Promise<string | null> {
    return guard(async () => {
      const tx = this.#db.transaction('marks', 'readwrite');
      const before = await tx.store.get(`notice:${noticeId}`);
      if (next !== undefined) await tx.store.put(next, `notice:${noticeId}`);
      await tx.done;
      return typeof before === 'string' ? before : null;
    });
  }

  close(): void {
    this.onLost = null;
    this.#db.close();
  }
}

/** All or nothing; nothing and false when the audit log has another end than the batch was made for. */
async function writeBatch(db: Database, { records, audit, exceptions = [], signedHead, setAside, resetClock }: StoreBatch): Promise<boolean> {
  const tx = db.transaction(['records', 'set-aside', 'audit', 'heads', 'exceptions', 'marks'], 'readwrite', { durability: 'strict' });
  const done = tx.done.then(() => true, (error: unknown) => error);
  try {
    const head = await tx.objectStore('audit').openCursor(null, 'prev');
    if (audit[0]?.previousHash !== (head?.value.hash ?? AUDIT_ROOT)) {
      tx.abort();
      await done;
      return false;
    }
    const store = tx.objectStore('records');
    if (setAside !== undefined) {
      for (const row of await store.index('by-subject').getAll(setAside)) {
        await tx.objectStore('set-aside').add(row);
        await store.delete(row.record.recordId);
      }
    }
    for (const row of records) await store.add(row);
    for (const entry of audit) await tx.objectStore('audit').add(entry);
    if (signedHead !== undefined) await tx.objectStore('heads').add(signedHead);
    for (const entry of exceptions) await tx.objectStore('exceptions').add(entry);
    if (resetClock !== undefined) await tx.objectStore('marks').put(resetClock, 'clock');
  } catch (error) {
    await done;
    throw error;
  }
  const outcome = await done;
  if (outcome === true) return true;
  throw outcome;
}

async function updateThrottle(db: Database, change: (mark: ThrottleMark | null) => ThrottleMark | null): Promise<ThrottleMark | null> {
  const tx = db.transaction('marks', 'readwrite');
  const mark = change(toMark(await tx.store.get('throttle')));
  if (mark === null) await tx.store.delete('throttle');
  else await tx.store.put(mark, 'throttle');
  await tx.done;
  return mark;
}

/** A time that somebody has edited to be none counts as one that is never over: nothing opens by it. */
function toTime(mark: unknown): EpochMs {
  if (mark === undefined) return 0;
  return typeof mark === 'number' && Number.isFinite(mark) ? mark : Number.MAX_SAFE_INTEGER;
}

/** A mark that is damaged still says that there was a refusal. */
function toMark(value: unknown): ThrottleMark | null {
  if (value === undefined) return null;
  const { refusedAt } = (value ?? {}) as Partial<ThrottleMark>;
  return { refusedAt: typeof refusedAt === 'number' ? refusedAt : Number.NaN };
}

/** Where storage is blocked, opening throws at once instead of rejecting; both are told alike. */
async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser refused to read or write consent records (private mode, quota, cleared data or a blocked upgrade).', {
      cause,
      details: { field: 'store' },
    });
  }
}
