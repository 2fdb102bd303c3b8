import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { AUDIT_ROOT, type AuditEntry } from '../audit/entry.ts';
import type { SignedHead } from '../audit/head.ts';
import { createDeviceKey } from './proof.ts';
import type { ConsentStore, DeviceKey, ExceptionEntry, StoreBatch, StoreView, ThrottleMark, ThrottleStore } from './store.ts';

/** What a store keeps; handed to several {@link MemoryStore}s it is one place with several tabs. */
export class MemoryPlace {
  readonly rows: { subject: string; record: unknown }[] = [];
  readonly setAside: { subject: string; record: unknown }[] = [];
  readonly audit: AuditEntry[] = [];
  readonly heads: SignedHead[] = [];
  readonly exceptions: ExceptionEntry[] = [];
  readonly notices = new Map<string, string>();
  highWater: EpochMs = 0;
  mark: ThrottleMark | null = null;
  key: Promise<DeviceKey> | null = null;
  /** Writing fails, deleting does not: the disk is full. */
  full = false;
}

/** A store that lasts as long as its place, for tests. It goes by the same contract as the one in IndexedDB. */
export class MemoryStore implements ConsentStore {
  readonly name: string;
  readonly place: MemoryPlace;
  readonly throttle: ThrottleStore;
  onLost: (() => void) | null = null;
  #closed = false;

  constructor(place = new MemoryPlace(), name = `memory-${crypto.randomUUID()}`) {
    this.place = place;
    this.name = name;
    this.throttle = {
      read: async () => this.#open().mark,
      update: async (change) => {
        const next = change(this.#open().mark);
        this.#writable().mark = next;
        return next;
      },
    };
  }

  async deviceKey(): Promise<DeviceKey> {
    const place = this.#open();
    place.key ??= createDeviceKey();
    return place.key;
  }

  async view(dataSubject: string, seen: EpochMs): Promise<StoreView> {
    const place = this.#open();
    if (seen > place.highWater) this.#writable().highWater = seen;
    const last = place.audit.findLast(({ ids }) => ids['subject'] === dataSubject)?.ids['recordId'];
    return structuredClone({
      rows: place.rows.filter(({ subject }) => subject === dataSubject).map(({ record }) => record),
      lastRecordId: typeof last === 'string' ? last : null,
      head: place.audit.at(-1) ?? null,
      signedHead: place.heads.at(-1) ?? null,
      highWater: place.highWater,
    });
  }

  async dataSubjects(): Promise<string[]> {
    return [...new Set(this.#open().rows.map(({ subject }) => subject))];
  }

  async commit({ records, audit, exceptions = [], signedHead, setAside, resetClock }: StoreBatch): Promise<boolean> {
    if (audit[0]?.previousHash !== (this.#open().audit.at(-1)?.hash ?? AUDIT_ROOT)) return false;
    const place = this.#writable();
    const known = new Set(place.rows.map(({ record }) => (record as { recordId?: unknown }).recordId));
    if (records.some(({ record }) => known.has(record.recordId))) throw failure('a record of that id is there already');
    if (setAside !== undefined) {
      const moved = place.rows.filter(({ subject }) => subject === setAside);
      place.setAside.push(...moved);
      for (const row of moved) place.rows.splice(place.rows.indexOf(row), 1);
    }
    place.rows.push(...structuredClone(records));
    place.audit.push(...structuredClone(audit));
    place.exceptions.push(...structuredClone(exceptions));
    if (signedHead !== undefined) place.heads.push(structuredClone(signedHead));
    if (resetClock !== undefined) place.highWater = resetClock;
    return true;
  }

  async discard(dataSubject: string): Promise<void> {
    const { rows } = this.#open();
    rows.splice(0, rows.length, ...rows.filter(({ subject }) => subject !== dataSubject));
  }

  async auditLog(): Promise<AuditEntry[]> {
    return structuredClone(this.#open().audit);
  }

  async auditHeads(): Promise<SignedHead[]> {
    return structuredClone(this.#open().heads);
  }

  async exceptions(): Promise<ExceptionEntry[]> {
    return structuredClone(this.#open().exceptions);
  }

  async noticeHash(noticeId: string, next?: string): Promise<string | null> {
    const before = this.#open().notices.get(noticeId) ?? null;
    if (next !== undefined) this.#writable().notices.set(noticeId, next);
    return before;
  }

  close(): void {
    this.#closed = true;
    this.onLost = null;
  }

  #open(): MemoryPlace {
    if (this.#closed) throw failure('the store is closed');
    return this.place;
  }

  #writable(): MemoryPlace {
    if (this.place.full) throw failure('the place is full');
    return this.#open();
  }
}

function failure(what: string): FacePrivacyError {
  return new FacePrivacyError('ERR_STORAGE_FAILED', what, { details: { field: 'store' } });
}
