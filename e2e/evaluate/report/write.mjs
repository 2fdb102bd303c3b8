import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MEASURES } from '../measures/index.mjs';

/**
 * Writes the JSON, the report and its plots.
 * @param {any} result @param {import('../options.mjs').Options} options
 */
export function writeResults(result, options) {
  mkdirSync(options.plots, { recursive: true });
  mkdirSync(dirname(options.out), { recursive: true });
  const sections = MEASURES.filter(({ name }) => result.measures[name] !== undefined).map((measure) => measure.report(result.measures[measure.name]));
  const text = `${[head(result), ...sections.map(({ markdown }) => markdown)].join('\n\n')}\n`;
  writeFileSync(options.out, `${JSON.stringify(result, null, 1)}\n`);
  const report = join(options.plots, 'report.md');
  writeFileSync(report, text);
  const plots = sections.flatMap((section) => Object.entries(section.plots));
  for (const [name, svg] of plots) writeFileSync(join(options.plots, name), svg);
  return { text, files: [options.out, report, ...plots.map(([name]) => join(options.plots, name))] };
}

function head(/** @type {any} */ { takenAt, seconds, commit, machine, options, missing }) {
  const lines = [
    '# Evaluation',
    '',
    `${takenAt}, commit ${commit ?? 'unknown'}, ${machine.browser}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; took ${Math.round(seconds)} s.`,
    `Seed ${options.seed}${options.limit === null ? '' : `, ${options.limit} pictures of each set`}${options.frames === null ? '' : `, ${options.frames} frames of each clip`}${options.clips === null ? '' : `, clips ${options.clips.join(', ')}`}.`,
  ];
  if (options.worsen !== null) lines.push('', `**Made worse on purpose: ${options.worsen}.**`);
  for (const reason of missing) lines.push('', `Skipped: ${reason}`);
  return lines.join('\n');
}
