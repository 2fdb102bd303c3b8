import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import { AUDIT_ROOT, type AuditEntry } from '../governance/audit/entry.ts';
import type { ConsentRecord } from '../governance/consent/record.ts';
import type { ConsentStore, DeviceKey, ExceptionEntry, StoreBatch, StoreView, ThrottleMark, ThrottleStore } from '../governance/consent/store.ts';
import { loadDeviceKey, type KeySchema } from './device-key.ts';

/** Version 2 of the database. Version 1 had `consent-records`: kept as they are, they were not signed and open nothing. */
interface ConsentSchema extends DBSchema, KeySchema {
  records: { key: string; value: { readonly subject: string; readonly record: ConsentRecord }; indexes: { 'by-subject': string } };
  /** Rows that could not be trusted any more. */
  'set-aside': { key: number; value: { readonly subject: string; readonly record: unknown } };
  audit: { key: number; value: AuditEntry; indexes: { 'by-subject': string } };
  exceptions: { key: string; value: ExceptionEntry };
  /** `clock`: latest time seen; `throttle`: refusal of the camera; `notice:ID`: hash of the notice in use. */
  marks: { key: string; value: unknown };
}

type Database = IDBPDatabase<ConsentSchema>;

/**
 * Consent records, audit log, device key and marks in IndexedDB of this origin. Records and entries are added, never
 * overwritten.
 * @param name database name; one per app is enough.
 * @throws FacePrivacyError ERR_STORAGE_FAILED when the browser gives no IndexedDB (private mode, quota, blocked).
 */
export async function openConsentStore(name = 'bauta-consent'): Promise<ConsentStore> {
  const losing: { tell: () => void } = { tell: () => undefined };
  const db = await guard(() => openDatabase(name, () => { losing.tell(); }));
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
      update: (change) => guard(() => updateThrottle(db, change)),
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

  view(dataSubject: string, seen: EpochMs): Promise<StoreView> {
    return guard(async () => {
      const tx = this.#db.transaction(['records', 'audit', 'marks'], 'readwrite');
      const marks = tx.objectStore('marks');
      const audit = tx.objectStore('audit');
      const [rows, last, head, mark] = await Promise.all([
        tx.objectStore('records').index('by-subject').getAll(dataSubject),
        audit.index('by-subject').openCursor(dataSubject, 'prev'),
        audit.openCursor(null, 'prev'),
        marks.get('clock'),
      ]);
      const highWater = Math.max(seen, toTime(mark));
      if (highWater !== mark) await marks.put(highWater, 'clock');
      await tx.done;
      const lastRecordId = last?.value.ids['recordId'];
      return {
        rows: rows.map(({ record }) => record),
        lastRecordId: typeof lastRecordId === 'string' ? lastRecordId : null,
        head: head?.value ?? null,
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
    return guard(() => writeBatch(this.#db, batch));
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

function openDatabase(name: string, onLost: () => void): Promise<Database> {
  return new Promise((resolve, reject) => {
    openDB<ConsentSchema>(name, 2, {
      upgrade(database) {
        database.createObjectStore('records', { keyPath: 'record.recordId' }).createIndex('by-subject', 'subject');
        database.createObjectStore('set-aside', { autoIncrement: true });
        database.createObjectStore('audit', { keyPath: 'sequence' }).createIndex('by-subject', 'ids.subject');
        database.createObjectStore('exceptions', { keyPath: 'exceptionId' });
        database.createObjectStore('keys');
        database.createObjectStore('marks');
      },
      // Another tab keeps an older version open: better no grant than to wait for it without end.
      blocked: () => { reject(new Error('another tab keeps an older version of the database open')); },
      // Another tab wants a newer version, or deletes the database: what rests on this one is over.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        onLost();
      },
      terminated: onLost,
    }).then(resolve, reject);
  });
}

/** All or nothing; nothing and false when the audit log has another end than the batch was made for. */
async function writeBatch(db: Database, { records, audit, exceptions = [], setAside, resetClock }: StoreBatch): Promise<boolean> {
  const tx = db.transaction(['records', 'set-aside', 'audit', 'exceptions', 'marks'], 'readwrite', { durability: 'strict' });
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
