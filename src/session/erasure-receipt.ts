import { ConsentGrant } from '../governance/consent/grant.ts';
import { createErasureReceipt, type ErasureReceipt, type ErasureContent } from '../governance/retention/erasure-receipt.ts';

/** @internal A receipt of what was erased under a grant, signed by this browser's key. */
export function receiptFor(grant: ConsentGrant, content: Omit<ErasureContent, 'erasedAt' | 'origin'>): Promise<ErasureReceipt> {
  const context = ConsentGrant.context(grant);
  return createErasureReceipt({ ...content, erasedAt: context.now(), origin: location.origin }, (statement) => context.sign(statement));
}
