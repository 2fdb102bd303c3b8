export { exportReceipt, importReceipt } from './governance/consent/receipt.ts';
export type { ConsentReceipt, ReceiptExpectation, ReceiptFormat, ReceiptKey } from './governance/consent/receipt.ts';
export type { ReceiptContent, ReceiptEvent, ReceiptParty, ReceiptPurpose } from './governance/consent/receipt-content.ts';
