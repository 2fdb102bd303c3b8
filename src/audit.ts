export { describeVerdict } from './governance/audit/verdict-lines.ts';
export { exportAudit, readHeads } from './governance/audit/export.ts';
export type { AuditExportOpening } from './governance/audit/export.ts';
export { HEAD_INTERVAL, isHeadDue, signHead, verifyHead } from './governance/audit/head.ts';
export type { SignedHead } from './governance/audit/head.ts';
export { verifyAuditExport } from './governance/audit/verify-export.ts';
export type { AuditExpectation, AuditFault, AuditFaultKind, AuditVerdict } from './governance/audit/verify-export.ts';
export { verifyAuditFile } from './governance/audit/verify-command.ts';
