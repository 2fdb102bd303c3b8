import { NOTABLE } from './compare.mjs';

/**
 * A table in plain text, the first column to the left.
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/**
 * The whole run for a reader.
 * @param {any} result
 * @param {readonly { name: string, describe(section: any): readonly string[] }[]} sections in the order of printing.
 * @param {readonly { id: string, metric: string, before: number, after: number, change: number, verdict: string }[] | null} differences
 *   null when there is nothing to compare with.
 */
export function report({ machine, load, sections: measured }, sections, differences) {
  const blocks = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.browser}, Node ${machine.node}; load ${load.before.toFixed(2)} before; ${load.quiet ? 'quiet' : 'NOT QUIET, numbers are noise'}`,
    ...sections.filter(({ name }) => measured[name] !== undefined).flatMap(({ name, describe }) => describe(measured[name])),
    compared(differences),
  ];
  const errors = Object.values(measured).flatMap(({ rows }) => rows.flatMap((row) => (row.errors ?? []).map((error) => `${row.id}: ${error}`)));
  if (errors.length > 0) blocks.push(`Errors while measuring:\n${errors.join('\n')}`);
  return `${blocks.join('\n\n')}\n`;
}

function compared(differences) {
  if (differences === null) return 'No committed numbers to compare with.';
  const bound = percent(NOTABLE);
  if (differences.length === 0) return `Against baseline.json: nothing differs by more than ${bound}.`;
  return `Against baseline.json, more than ${bound} apart; * where it got worse\n${table(
    ['case', 'number', 'then', 'now', 'change', ''],
    differences.map(({ id, metric, before, after, change, verdict }) => [
      id, metric, number(before, 3), number(after, 3), `${change > 0 ? '+' : ''}${percent(change)}`, verdict === 'worse' ? '*' : 'better',
    ]),
  )}`;
}

export const number = (value, digits) => (typeof value === 'number' ? value.toFixed(digits) : '-');
export const ms = (value) => number(value, 1);
export const percent = (value) => (typeof value === 'number' ? `${(value * 100).toFixed(1)} %` : '-');
/** Null where there is nothing to divide by. */
export const ratio = (value, base) => (typeof value !== 'number' || typeof base !== 'number' || base <= 0 ? null : value / base);
