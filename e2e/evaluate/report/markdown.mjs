/** @param {readonly string[]} head @param {readonly (readonly (string | number)[])[]} rows */
export function table(head, rows) {
  const line = (/** @type {readonly (string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** @param {number | null | undefined} share @param {number} [digits] */
export const percent = (share, digits = 1) => (share === null || share === undefined ? '-' : `${(100 * share).toFixed(digits)} %`);
