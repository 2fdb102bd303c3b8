import type { LedgerClock } from '../governance/consent/ledger-clock.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
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
      if (!decision.granted) {
        if (!signal.aborted) onEnded();
        return;
      }
      const { grant } = decision;
      // It is there for this look alone.
      const release = (): void => { ConsentGrant.end(grant, new FacePrivacyError('ERR_ABORTED', 'The look that the grant was for is over.')); };
      if (signal.aborted) release();
      else if (grant.signal.aborted) onEnded();
      else {
        grant.signal.addEventListener('abort', onEnded, { once: true, signal });
        signal.addEventListener('abort', release, { once: true, signal: grant.signal });
      }
    },
  };
}
