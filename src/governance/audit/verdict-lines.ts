import type { AuditFault, AuditFaultKind, AuditVerdict } from './verify-export.ts';

const SAID: Readonly<Record<AuditFaultKind, string>> = {
  unreadable: 'is no entry and no head',
  edited: 'was edited',
  deleted: 'missing',
  inserted: 'there twice: something was inserted',
  reordered: 'out of its place: entries were reordered',
  rewritten: 'does not fit what was signed or what stands beside it: entries were written anew',
  truncated: 'cut off: a signed head speaks of them',
  uncovered: 'not covered by any signed head: what was there after them cannot be told',
  'head-forged': 'the signature of the head does not hold',
  'key-unknown': 'the key is not the expected one',
};

/** A verdict in plain lines, for a terminal or a report. The first one says all in short. */
export function describeVerdict(verdict: AuditVerdict): string[] {
  const { opening, span } = verdict;
  const lines = [
    verdict.intact
      ? `INTACT: ${verdict.entryCount} entries, ${verdict.headCount} signed heads`
      : `NOT INTACT: ${verdict.faultCount} ${verdict.faultCount === 1 ? 'fault' : 'faults'} in ${verdict.entryCount} entries, ${verdict.headCount} signed heads`,
    `  log of ${clean(opening.origin)}, exported ${date(opening.exportedAt)}${span === null ? '' : `, from ${date(span[0])} to ${date(span[1])}`}`,
    `  key ${opening.keyId}`,
    ...verdict.faults.map((fault) => `  ${describeFault(fault)}`),
  ];
  if (verdict.faultCount > verdict.faults.length) lines.push(`  … and ${verdict.faultCount - verdict.faults.length} more`);
  if (!verdict.keyExpected) lines.push('  Nobody named the key from outside: this shows that the file fits itself, not which browser made it.');
  lines.push(
    verdict.anchoredUntil === 0
      ? '  No head from outside was given: entries cut off at the end, together with their heads, would not show.'
      : `  Heads from outside fit up to entry ${verdict.anchoredUntil}: nothing up to there was cut off or written anew.`,
  );
  if (verdict.timeGoesBackAt.length > 0) lines.push(`  Time goes back at entry ${verdict.timeGoesBackAt.slice(0, 10).join(', ')}: the clock was set back.`);
  return lines;
}

function describeFault({ kind, line, sequences, field }: AuditFault): string {
  const where = [
    line === null ? '' : `line ${line}`,
    sequences === null ? '' : sequences[0] === sequences[1] ? `entry ${sequences[0]}` : `entries ${sequences[0]} to ${sequences[1]}`,
    field === undefined ? '' : `field ${clean(field)}`,
  ].filter((part) => part !== '');
  return `${[kind, ...where].join(', ')}: ${SAID[kind]}`;
}

/** A file may name any number. */
function date(atMs: number): string {
  return Math.abs(atMs) <= 8_640_000_000_000_000 ? new Date(atMs).toISOString() : String(atMs);
}

/** What comes from the file must not steer a terminal. */
function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 200);
}
