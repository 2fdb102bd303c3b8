export { exportReceipt, importReceipt } from './governance/consent/receipt.ts';
export type { ConsentReceipt, ReceiptExpectation, ReceiptFormat, ReceiptKey } from './governance/consent/receipt.ts';
export type { ReceiptContent, ReceiptEvent, ReceiptParty, ReceiptPurpose } from './governance/consent/receipt-content.ts';
export { ERASED_KINDS, verifyErasureReceipt } from './governance/retention/erasure-receipt.ts';
export type { ErasedKind, ErasureReason, ErasureReceipt, ErasureScope } from './governance/retention/erasure-receipt.ts';
export { verifyRightsReceipt } from './governance/rights/register.ts';
export type { RightsReceipt, RightsReceiptContent } from './governance/rights/register.ts';
export type { DocumentExpectation, DocumentProof } from './governance/signed-document.ts';
