import { later } from '../../core/later.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { SignedHead } from '../audit/head.ts';
import { IncidentDesk } from '../incident-desk.ts';
import type { Incident, Observation } from '../incidents.ts';
import type { ConsentJournal } from './journal.ts';
import type { LedgerClock } from './ledger-clock.ts';
import type { ConsentStore, DeviceKey } from './store.ts';

/** @internal What a ledger's audit is made of. */
export interface LedgerAuditParts {
  readonly store: ConsentStore;
  readonly key: DeviceKey;
  readonly clock: LedgerClock;
  readonly origin: string;
  readonly journal: ConsentJournal;
  readonly onIncident: (incident: Incident) => void;
}

/** The audit log of a ledger as a whole: what is wrong with it, and how it leaves the browser. */
export class LedgerAudit {
  readonly #parts: LedgerAuditParts;
  /** Loaded with the ledger: what has to be fetched when it is needed can be kept from a page. */
  readonly #incidents: IncidentDesk;

  constructor(parts: LedgerAuditParts) {
    const { clock, journal, onIncident } = parts;
    this.#parts = parts;
    this.#incidents = new IncidentDesk({ now: clock.now, clock: () => clock.read(), note: (code, ids) => journal.note(code, ids), tell: onIncident });
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED; it was told all the same. */
  report(observation: Observation): Promise<void> {
    return this.#incidents.report(observation);
  }

  /** Looks at the clock. @throws as {@link LedgerAudit.report}. */
  lookAtClock(): Promise<void> {
    return this.#incidents.look();
  }

  /** What was cut off the log here, in this browser, and a clock that stands before what was seen, are noticed. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async lookAtLog(): Promise<void> {
    await this.lookAtClock();
    if (!(await this.#parts.journal.reachesItsHead())) await this.report({ kind: 'integrity-failed', about: 'audit-log' });
  }

  /** The log, in order, unchecked, with all that was to be written until now. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async entries(): Promise<AuditEntry[]> {
    await this.#parts.journal.settled();
    return this.#parts.store.auditLog();
  }

  /** See `ConsentLedger.exportAudit`. */
  async export(): Promise<Blob> {
    const { store, key, clock, origin, journal } = this.#parts;
    // Few pages export: the others do not carry the code for it.
    const { exportAudit } = await later(import('./moments.ts'));
    await journal.noteAndSign('audit.exported', { keyId: key.keyId });
    // Heads first: one that another tab signs meanwhile must not speak of entries that were not read.
    const heads = await store.auditHeads();
    const { text } = await exportAudit({ heads, entries: await store.auditLog() }, { key, origin, now: clock.now() });
    return new Blob([text], { type: 'application/jsonl' });
  }

  /** See `ConsentLedger.signAuditHead`. */
  signHead(): Promise<SignedHead> {
    return this.#parts.journal.noteAndSign('audit.head-signed', { keyId: this.#parts.key.keyId });
  }
}
