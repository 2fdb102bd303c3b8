import type { EpochMs } from '../core/time.ts';
import type { AuditEntry } from '../governance/audit/entry.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import { hashNotice } from '../governance/consent/notice.ts';
import { exportReceipt } from '../governance/consent/receipt.ts';
import { expiryOf, type RetentionCategory } from '../governance/retention/categories.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import { faultOf, jsonFile, type AskedBy, type CopyFault, type CopyFile, type ErasedHere, type Holding } from './rights-holding.ts';
import type { IndexedDbRightsStore, PendingErasure } from '../vault/rights-store.ts';

/** @internal Where proofs lie. */
export interface ProofPlaces {
  readonly ledger: Pick<ConsentLedger, 'history' | 'receipt' | 'exceptionsUsed' | 'auditLog' | 'notice'>;
  readonly store: IndexedDbRightsStore;
  /** Receipts of what was erased of the person, wherever they are kept. */
  erasureReceipts(dataSubject: string): Promise<readonly ErasureReceipt[]>;
}

type ProofCategory = Extract<RetentionCategory, 'consent-records' | 'rights-records' | 'erasure-receipts' | 'audit-log'>;

/** @internal What shows that the rules were kept with a person: it is copied for access, and nothing else is done to it. */
export class ProofsHolding implements Holding {
  readonly name = 'proofs';
  readonly #places: ProofPlaces;

  constructor(places: ProofPlaces) {
    this.#places = places;
  }

  async items(dataSubject: string): Promise<RetentionItem[]> {
    const { ledger } = this.#places;
    const log = await this.#audit(dataSubject);
    const requests = await this.#requests(dataSubject);
    const receipts = await this.#places.erasureReceipts(dataSubject);
    const consented = log.filter(({ code }) => code.startsWith('consent.')).map(({ at }) => at);
    const excepted = (await ledger.exceptionsUsed()).filter((use) => use.dataSubject === dataSubject).map(({ usedAt }) => usedAt);
    const times: Readonly<Record<ProofCategory, readonly EpochMs[]>> = {
      'consent-records': [...consented, ...excepted],
      'rights-records': requests.flatMap(({ entries }) => entries.map(({ at }) => at)),
      'erasure-receipts': receipts.map(({ erasedAt }) => erasedAt),
      'audit-log': log.map(({ at }) => at),
    };
    return (Object.keys(times) as ProofCategory[]).flatMap((category) => (times[category].length === 0 ? [] : [itemOf(category, dataSubject, times[category])]));
  }

  async *copy(items: readonly RetentionItem[], asked: AskedBy): AsyncIterable<CopyFile | CopyFault> {
    for (const { category } of items) {
      if (category === 'consent-records') yield* this.#copyConsent(asked.dataSubject);
      if (category === 'rights-records') yield jsonFile('proofs/requests.json', await this.#requests(asked.dataSubject));
      if (category === 'erasure-receipts') yield jsonFile('proofs/erasure-receipts.json', await this.#places.erasureReceipts(asked.dataSubject));
      if (category === 'audit-log') yield jsonFile('proofs/audit-log.json', await this.#audit(asked.dataSubject));
    }
  }

  pending(): Promise<readonly PendingErasure[]> {
    return Promise.resolve([]);
  }

  erase(): Promise<ErasedHere> {
    return Promise.resolve({ receipts: [], held: [] });
  }

  async restrict(): Promise<void> {
    await Promise.resolve();
  }

  async lift(): Promise<void> {
    await Promise.resolve();
  }

  correct(): Promise<void> {
    return Promise.reject(new TypeError('Rights.carryOut: a proof is not corrected; it says what was.'));
  }

  close(): void {
    // Ledger and store belong to others.
  }

  async *#copyConsent(dataSubject: string): AsyncIterable<CopyFile | CopyFault> {
    const { ledger } = this.#places;
    const excepted = (await ledger.exceptionsUsed()).filter((use) => use.dataSubject === dataSubject);
    if (excepted.length > 0) yield jsonFile('consent/exceptions.json', excepted);
    try {
      const records = await ledger.history(dataSubject);
      if (records.length === 0) return;
      yield jsonFile('consent/records.json', records);
      // A receipt tells of one notice; answers to others are among the records.
      const noticeHash = await hashNotice(ledger.notice);
      if (!records.some((record) => record.noticeHash === noticeHash)) return;
      const receipt = await ledger.receipt(dataSubject);
      yield { path: 'consent/receipt.json', mimeType: 'application/json', content: exportReceipt(receipt, 'json') };
      yield { path: 'consent/receipt.jsonld', mimeType: 'application/ld+json', content: exportReceipt(receipt, 'json-ld') };
    } catch (error) {
      yield faultOf('consent-records', error);
    }
  }

  /** Entries that name the person; and what happened to their requests. */
  async #audit(dataSubject: string): Promise<AuditEntry[]> {
    const log = await this.#places.ledger.auditLog();
    const named = (entry: AuditEntry): boolean => Object.values(entry.ids).includes(dataSubject);
    const requests = new Set(log.filter((entry) => entry.code === 'rights.received' && named(entry)).map(({ ids }) => ids['requestId']));
    return log.filter((entry) => named(entry) || (entry.ids['requestId'] !== undefined && requests.has(entry.ids['requestId'])));
  }

  async #requests(dataSubject: string) {
    const { store } = this.#places;
    const requests = [];
    for (const requestId of await store.requestIds()) {
      const entries = await store.entries(requestId);
      if (!entries.some((entry) => entry.type === 'received' && entry.dataSubject === dataSubject)) continue;
      requests.push({ requestId, entries, receipt: await store.receipt(requestId) });
    }
    return requests;
  }
}

function itemOf(category: ProofCategory, dataSubject: string, times: readonly EpochMs[]): RetentionItem {
  return {
    itemId: category,
    category,
    purpose: 'app:proof',
    dataSubject,
    createdAt: Math.min(...times),
    expiresAt: expiryOf(category, Math.max(...times)),
    ending: null,
    holds: [],
    parts: {},
  };
}
