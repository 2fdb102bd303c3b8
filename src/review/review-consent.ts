import type { LedgerClock } from '../governance/consent/ledger-clock.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import type { ReviewConsent } from './ports.ts';

/** What a review asks of a ledger, whose clock this is. */
export function consentOf(ledger: ConsentLedger, clock: LedgerClock): ReviewConsent {
  return {
    ...ConsentLedger.keeping(ledger),
    time: () => ({ clock: clock.read(), highWater: clock.now() }),
    watch: async (dataSubject, onEnded, signal) => {
      // A grant ends with the first word of a withdrawal, before it is written down.
      const decision = await ledger.require('sealed-originals', dataSubject);
      if (signal.aborted) return;
      if (!decision.granted || decision.grant.signal.aborted) onEnded();
      else decision.grant.signal.addEventListener('abort', onEnded, { once: true, signal });
    },
  };
}
