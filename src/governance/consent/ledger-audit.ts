import { later } from '../../core/later.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { SignedHead } from '../audit/head.ts';
import type { IncidentDesk } from '../incident-desk.ts';
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
  #incidents: Promise<IncidentDesk> | null = null;
  /** What was told while the desk could not be had. */
  readonly #told = new Set<string>();

  constructor(parts: LedgerAuditParts) {
    this.#parts = parts;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED; it was told all the same. */
  report(observation: Observation): Promise<void> {
    return this.#tell(observation, (desk) => desk.report(observation));
  }

  /** Looks at the clock. @throws as {@link LedgerAudit.report}. */
  async lookAtClock(): Promise<void> {
    if (this.#parts.clock.isSetBack) await this.#tell({ kind: 'clock-tampered', about: 'clock' }, (desk) => desk.look());
  }

  /** By the desk, which most visits never need. It can be kept from a page, and then an observation is an incident by itself, told once. */
  async #tell(observation: Observation, byDesk: (desk: IncidentDesk) => Promise<void>): Promise<void> {
    const desk = await (this.#incidents ??= this.#openDesk()).catch(() => null);
    if (desk !== null) return byDesk(desk);
    this.#incidents = null;
    const { kind, about } = observation;
    if (this.#told.has(`${kind} ${about}`)) return;
    this.#told.add(`${kind} ${about}`);
    const { clock, journal, onIncident } = this.#parts;
    const at = clock.now();
    const what = { incidentId: crypto.randomUUID(), severity: 'high', about, count: 1, firstAt: at } as const;
    onIncident({ ...what, kind, at });
    await journal.note('incident.raised', { ...what, incident: kind });
  }

  async #openDesk(): Promise<IncidentDesk> {
    const { clock, journal, onIncident } = this.#parts;
    const { IncidentDesk } = await import('./moments.ts');
    return new IncidentDesk({ now: clock.now, clock: () => clock.read(), note: (code, ids) => journal.note(code, ids), tell: onIncident });
  }

  /** What was cut off the log here, in this browser, and a clock that stands before what was seen, are noticed. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async lookAtLog(): Promise<void> {
    await this.lookAtClock();
    if (!(await this.#parts.journal.reachesItsHead())) await this.report({ kind: 'integrity-failed', about: 'audit-log' });
  }

  /** The log, in order, unchecked. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  entries(): Promise<AuditEntry[]> {
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
