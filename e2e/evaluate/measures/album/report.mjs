import { percent, table } from '../../report/markdown.mjs';

const within = (/** @type {any} */ { value, low, high }) => `${percent(value)} (${(100 * low).toFixed(1)}-${(100 * high).toFixed(1)})`;

/** @param {any} result @returns {{ markdown: string, plots: Record<string, string> }} */
export function reportAlbum({ set, pictures, people, faces, known, refused, groups, figures, groupMs, replicates, added }) {
  const blocks = [
    '## album: who is grouped with whom',
    `${pictures} pictures of ${set}: ${faces} faces pass the gate, of which ${known} are of ${people} known people; ${refused} of the known faces were refused or not found. They lie in ${groups} groups, made in ${(groupMs / 1000).toFixed(1)} s. In brackets the interval of 95 %: ${replicates} samples of the people.`,
    table(['', 'precision', 'recall', 'F'], [
      ['pairs of faces', within(figures.pairPrecision), within(figures.pairRecall), within(figures.pairF)],
      ['B-cubed', within(figures.cubedPrecision), within(figures.cubedRecall), within(figures.cubedF)],
    ]),
    '### Cost of adding',
    'Through `openFaceAlbum`, reading and grouping, memory of all processes of the browser at its highest.',
    table(['pictures added', 's', 'ms a picture', 'of it grouping and storing at the end, s', 'faces in the album', 'groups', 'skipped', 'MiB'],
      added.goes.map((/** @type {any} */ go) => [go.pictures, (go.ms / 1000).toFixed(1), (go.ms / go.pictures).toFixed(0), ((go.ms - go.readMs) / 1000).toFixed(1), go.faces, go.groups, go.skipped.length, go.peakMiB?.toFixed(0) ?? '-'])),
  ];
  return { markdown: blocks.join('\n\n'), plots: {} };
}
