import { FacePrivacyError } from '../../core/errors.ts';
import type { Milliseconds } from '../../core/time.ts';
import { ConsentGrant } from './grant.ts';
import type { LedgerClock } from './ledger-clock.ts';

/** How often live grants are held against the store, for what no message told. */
const LOOK_EVERY_MS: Milliseconds = 30_000;

/** Who wants to know about grants. */
export interface GrantListeners {
  onEnded(grant: ConsentGrant, reason: FacePrivacyError): void;
  /** The time has come to ask the store about everybody who has a live grant. */
  onLook(): void;
}

/** The grants that are in use, and the moment at which each is over. */
export class LiveGrants {
  /** Grant to the moment, by a clock that nobody can set, at which it is over. */
  readonly #live = new Map<ConsentGrant, number>();
  readonly #clock: LedgerClock;
  readonly #listeners: GrantListeners;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: LedgerClock, listeners: GrantListeners) {
    this.#clock = clock;
    this.#listeners = listeners;
  }

  /** Watches over a grant until it ends. */
  add(grant: ConsentGrant): void {
    this.#live.set(grant, performance.now() + grant.validUntil - this.#clock.now());
    grant.signal.addEventListener(
      'abort',
      () => {
        this.#live.delete(grant);
        this.#schedule();
        this.#listeners.onEnded(grant, grant.signal.reason as FacePrivacyError);
      },
      { once: true },
    );
    this.#schedule();
  }

  /** The live grants of one person. */
  of(dataSubject: string): ConsentGrant[] {
    return this.all().filter((grant) => grant.dataSubject === dataSubject);
  }

  /** Every live grant. */
  all(): ConsentGrant[] {
    return [...this.#live.keys()];
  }

  /** Ends grants, at once. */
  end(grants: readonly ConsentGrant[], reason: FacePrivacyError): void {
    for (const grant of grants) ConsentGrant.end(grant, reason);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#live.size === 0) return;
    const next = Math.min(...this.#live.values()) - performance.now();
    this.#timer = setTimeout(() => { this.#look(); }, Math.max(0, Math.min(next, LOOK_EVERY_MS)));
  }

  #look(): void {
    const over = [...this.#live].filter(([grant, endMs]) => performance.now() >= endMs || this.#clock.now() >= grant.validUntil);
    const reason = new FacePrivacyError('ERR_CONSENT_EXPIRED', 'Consent has expired; ask again.', { details: { field: 'validUntil' } });
    this.end(over.map(([grant]) => grant), reason);
    if (this.#live.size > 0) this.#listeners.onLook();
    this.#schedule();
  }
}
