import type { UnmaskFacts, UnmaskUse } from '../governance/access/judge-unmask.ts';
import type { AuditEntry } from '../governance/audit/entry.ts';
import type { BookView } from './statement-book.ts';

/** What the audit log knows of looks and endings. */
export type LogMemory = Pick<UnmaskFacts, 'ended' | 'uses'>;

/**
 * What was begun, closed, revoked and rejected, as the audit log tells it. Whoever deletes the reviews' database and hands the same statements in anew
 * finds the looks counted and the orders closed all the same.
 */
export function memoryOf(log: readonly AuditEntry[], view: BookView): LogMemory {
  const uses: UnmaskUse[] = [];
  const ended: string[] = [];
  const rejected: string[] = [];
  const kept = new Set(view.decisions.map(({ statement }) => statement.id));
  for (const { code, at, ids } of log) {
    const { grantId, requestId, workOrderId, decisionId } = ids;
    if (code === 'unmask.started') uses.push({ grantId: String(grantId), requestId: String(requestId), workOrderId: String(workOrderId), startedAt: at });
    else if (code === 'work-order.closed') ended.push(String(workOrderId));
    else if (code === 'unmask.revoked') ended.push(String(requestId));
    // A no that is kept speaks for itself; one that was deleted must not be forgotten.
    else if (code === 'unmask.rejected' && !kept.has(String(decisionId))) rejected.push(String(requestId));
  }
  return { uses, ended: [...ended, ...rejected] };
}

/** Both together; a look that both know is one. */
export function withMemory({ uses, ended }: LogMemory, memory: LogMemory): LogMemory {
  const known = new Set(uses.map(({ grantId }) => grantId));
  return { uses: [...uses, ...memory.uses.filter(({ grantId }) => !known.has(grantId))], ended: [...ended, ...memory.ended] };
}
