// What a ledger needs at moments alone: when somebody answers, looks at how things stand, takes a receipt along, uses an exception or exports the audit log.
// In one part: the first of them brings it, and what a page loads before stays in few pieces.
export { exportAudit } from '../audit/export.ts';
export { takeAnswer, takeGuardian, takeRequest } from './answering.ts';
export { checkException, EXCEPTION_VALID_MS, exceptionEntry } from './exception-input.ts';
export { createReceipt } from './receipt.ts';
export { standingOf } from './standing.ts';
