import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Milliseconds } from '../core/time.ts';
import { NonceBook } from '../governance/access/nonces.ts';
import { assertMay, may, type Resource } from '../governance/access/permission.ts';
import type { Action } from '../governance/access/roles.ts';
import { Statement, verifyAssertion } from '../governance/access/statement.ts';
import type { AuditIds } from '../governance/audit/entry.ts';
import { observationOf } from '../governance/observation-of.ts';
import type { ReviewParts } from './ports.ts';
import type { SignedIn, StaffMember } from './protocol.ts';

type Staff = Statement<'staff'>;

/** A timer cannot wait longer. */
const MAX_WAIT_MS: Milliseconds = 2 ** 31 - 1;

/** Who is signed in, and what they may do. Every refusal is audited; many are an incident (TAF-5.3b, MEG-incident). */
export class StaffDesk {
  readonly #parts: Pick<ReviewParts, 'consent' | 'trust' | 'tell'>;
  readonly #nonces = new NonceBook();
  readonly #onChange: () => void;
  #staff: Staff | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every attempt to sign in or out: what was overtaken signs nobody in. */
  #attempts = 0;
  #changes = 0;

  /** @param onChange called as soon as somebody else, or nobody, is signed in. */
  constructor(parts: Pick<ReviewParts, 'consent' | 'trust' | 'tell'>, onChange: () => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /** Whoever is signed in now, or null. */
  get staff(): Staff | null {
    return this.#staff !== null && Statement.holds(this.#staff, this.#parts.consent.now()) ? this.#staff : null;
  }

  /** Whoever is signed in, to be told. */
  get signedIn(): SignedIn {
    const staff = this.#staff;
    return { member: staff === null ? null : { ...staff.content, validUntil: staff.validUntil }, sequence: this.#changes };
  }

  challenge(): string {
    return this.#nonces.issue(this.#parts.consent.now());
  }

  /** @throws FacePrivacyError ERR_STATEMENT_*: nobody is signed in then. */
  async signIn(assertion: string): Promise<StaffMember> {
    const { consent, trust } = this.#parts;
    await this.signOut('replaced');
    this.#attempts += 1;
    const attempt = this.#attempts;
    let staff: Staff;
    try {
      staff = await verifyAssertion(assertion, { ...trust, nonces: this.#nonces }, consent.now());
    } catch (error) {
      if (error instanceof FacePrivacyError) await this.#refused('staff.refused', error, { error: error.code, field: String(error.details['field']) });
      throw error;
    }
    const { content: { staffId, roles }, validUntil } = staff;
    await consent.note('staff.signed-in', { staff: staffId, roles: roles.join(' '), assertionId: staff.id, until: validUntil });
    if (attempt !== this.#attempts) throw new FacePrivacyError('ERR_STATEMENT_REPLAYED', 'Somebody else signed in or out meanwhile; sign in again.', { details: { kind: 'staff', field: 'nonce' } });
    this.#set(staff);
    return { staffId, roles, validUntil };
  }

  /** What rests on it ends at once. Without anybody signed in: nothing to do. */
  async signOut(reason: 'asked' | 'replaced' | 'expired' | 'closed'): Promise<void> {
    this.#attempts += 1;
    const staff = this.#staff;
    if (staff === null) return;
    this.#set(null);
    await this.#parts.consent.note('staff.signed-out', { staff: staff.content.staffId, reason });
  }

  /** Whoever is signed in, if they may do this. @throws FacePrivacyError ERR_ACCESS_DENIED, audited. */
  async require(action: Action, resource: Resource, ids: AuditIds = {}): Promise<Staff> {
    const { staff } = this;
    if (staff !== null && may(staff.content, action, resource)) return staff;
    return this.deny(action, resource, ids);
  }

  /** Refuses, audited. @param factor what is missing; left out: it is the role. */
  async deny(action: Action | 'submit', resource: Resource, ids: AuditIds = {}, factor?: { readonly factor: string; readonly message: string }): Promise<never> {
    const error = this.#denial(action, resource, factor);
    await this.#refused('access.refused', error, { action, resource: resource.kind, factor: String(error.details['factor'] ?? 'role'), ...ids });
    throw error;
  }

  /** Audits a refusal, and counts it: forgeries and many refusals are incidents. */
  async refused(code: 'access.refused' | 'unmask.refused', error: FacePrivacyError, ids: AuditIds): Promise<void> {
    await this.#refused(code, error, ids);
  }

  #denial(action: Action | 'submit', resource: Resource, factor?: { readonly factor: string; readonly message: string }): FacePrivacyError {
    const { staff } = this;
    if (staff === null) return new FacePrivacyError('ERR_ACCESS_DENIED', 'Nobody is signed in; sign in first.', { details: { action, resource: resource.kind, factor: 'staff' } });
    if (factor !== undefined) return new FacePrivacyError('ERR_ACCESS_DENIED', factor.message, { details: { action, resource: resource.kind, factor: factor.factor } });
    try {
      if (action !== 'submit') assertMay(staff.content, action, resource);
    } catch (error) {
      if (error instanceof FacePrivacyError) return error;
      throw error;
    }
    return new FacePrivacyError('ERR_ACCESS_DENIED', `'${action}' is not allowed on this ${resource.kind}.`, { details: { action, resource: resource.kind } });
  }

  async #refused(code: 'staff.refused' | 'access.refused' | 'unmask.refused', error: FacePrivacyError, ids: AuditIds): Promise<void> {
    const { consent } = this.#parts;
    const about = this.#staff?.content.staffId ?? 'nobody';
    await consent.note(code, { ...ids, ...(this.#staff === null ? {} : { staff: about }) });
    const observed = error.details['factor'] === 'clock' ? ({ kind: 'clock-tampered', about: 'clock' } as const) : observationOf(error);
    await consent.report(observed === null ? { kind: 'refusals-repeated', about } : { ...observed, about: observed.kind === 'forgery-attempted' ? about : observed.about });
  }

  #set(staff: Staff | null): void {
    clearTimeout(this.#timer);
    this.#staff = staff;
    this.#changes += 1;
    this.#onChange();
    this.#parts.tell({ kind: 'staff', data: this.signedIn });
    if (staff !== null) this.#wait(staff);
  }

  #wait(staff: Staff): void {
    const leftMs = staff.validUntil - this.#parts.consent.now();
    this.#timer = setTimeout(() => {
      if (this.#staff !== staff) return;
      if (this.staff !== null) this.#wait(staff);
      // Nobody waits for it; what cannot be written closes the desk.
      else this.signOut('expired').catch((error: unknown) => { this.#parts.tell({ kind: 'error', data: toErrorReport(error, 'ERR_STORAGE_FAILED') }); });
    }, Math.max(0, Math.min(leftMs, MAX_WAIT_MS)));
  }
}
