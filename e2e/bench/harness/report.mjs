/** What the project aims at on the reference machine; shown beside the numbers, never asserted. */
export const AIMS = { outputFps: 29.5, droppedFrames: 0, addedLatencyP95Ms: 33.3, mainThreadTaskShare: 0.03 };

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
 * @param {readonly { id: string, metric: string, before: number, after: number, change: number, verdict: string }[] | null} differences
 *   null when there is nothing to compare with.
 */
export function report(result, differences) {
  const { machine, load, sections } = result;
  const blocks = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.browser}, Node ${machine.node}; load ${load.before.toFixed(2)} before; ${load.quiet ? 'quiet' : 'NOT QUIET, numbers are noise'}`,
  ];
  if (sections.live !== undefined) blocks.push(...live(sections.live));
  if (sections.startup !== undefined) blocks.push(startup(sections.startup));
  if (sections.covering !== undefined) blocks.push(covering(sections.covering));
  blocks.push(compared(differences));
  const errors = Object.values(sections).flatMap(({ rows }) => rows.flatMap((row) => (row.errors ?? []).map((error) => `${row.id}: ${error}`)));
  if (errors.length > 0) blocks.push(`Errors while measuring:\n${errors.join('\n')}`);
  return `${blocks.join('\n\n')}\n`;
}

function live({ rows, ratios }) {
  const bauta = rows.filter(({ way }) => way === 'bauta');
  const stages = ['read', 'detect', 'track', 'plan', 'compose', 'write'];
  const aimed = bauta.filter(({ height }) => height === 720);
  return [
    `Camera to track, 30 fps\n${table(
      ['case', 'faces', 'fps', 'dropped', 'added p50', 'p95 ms', 'end to end p50', 'p95 ms', 'main thread', 'its CPU', 'CPU s/100 fr', 'others'],
      rows.map((row) => [
        row.id, row.facesPerFrame === undefined ? '-' : row.facesPerFrame.toFixed(1), row.outputFps.toFixed(1), `${row.droppedFrames}/${row.cameraFrames}`,
        ms(row.addedLatencyMs.p50), ms(row.addedLatencyMs.p95), ms(row.endToEndMs.p50), ms(row.endToEndMs.p95),
        percent(row.mainThread.taskShare), percent(row.mainThread.cpuShare), number(row.cpuSecondsPer100Frames, 2), number(row.othersCores, 1),
      ]),
    )}`,
    `Bauta's stages in the worker, p50 / p95 ms\n${table(
      ['case', ...stages, 'looks/frame', 'covered whole'],
      bauta.map((row) => [
        row.id, ...stages.map((stage) => `${ms(row.stagesMs[stage]?.p50)} / ${ms(row.stagesMs[stage]?.p95)}`),
        number(row.looksPerFrame, 2), percent(row.coveredWholeShare),
      ]),
    )}`,
    `Ratios\n${table(
      ['bauta : other', 'fps', 'end to end p50', 'p95', 'added p50', 'p95', 'CPU per frame', 'main thread'],
      ratios.map((row) => [
        row.id,
        ...[row.outputFps, row.endToEndP50, row.endToEndP95, row.addedLatencyP50, row.addedLatencyP95, row.cpuPerFrame].map((value) => number(value, 2)),
        number(row.mainThreadTask, 3),
      ]),
    )}`,
    `Aims at 720p\n${table(
      ['case', `fps >= ${AIMS.outputFps}`, 'none dropped', `added p95 <= ${AIMS.addedLatencyP95Ms} ms`, `main thread < ${percent(AIMS.mainThreadTaskShare)}`],
      aimed.map((row) => [
        row.id, met(row.outputFps >= AIMS.outputFps), met(row.droppedFrames <= AIMS.droppedFrames),
        met(row.addedLatencyMs.p95 <= AIMS.addedLatencyP95Ms), met(row.mainThread.taskShare < AIMS.mainThreadTaskShare),
      ]),
    )}`,
  ];
}

function startup({ rows }) {
  return `Start, from the call to the first frame out (camera included)\n${table(
    ['case', 'visits', 'first frame ms', 'worst', 'first searched ms', 'engine load ms', 'MB sent', 'MB packed'],
    rows.map((row) => [
      row.id, String(row.visits), number(row.firstFrameMs, 0), number(row.firstFrameWorstMs, 0), number(row.firstSearchedMs, 0),
      number(row.engineLoadMs, 0), number(row.bytes / 1e6, 1), number(row.gzipBytes / 1e6, 1),
    ]),
  )}`;
}

function covering({ rows }) {
  const methods = Object.keys(rows[0]?.composeMs ?? {});
  return `Covering against copying the same frame, p50 / p95 ms\n${table(
    ['case', 'faces', 'covered', 'copy', 'read', ...methods, '(read + frost) : copy'],
    rows.map((row) => [
      row.id, String(row.faces), percent(row.coveredShare), both(row.copyMs), both(row.readMs),
      ...methods.map((method) => both(row.composeMs[method])), number(row.frostOverCopy, 2),
    ]),
  )}`;
}

function compared(differences) {
  if (differences === null) return 'No committed numbers to compare with.';
  if (differences.length === 0) return 'Against baseline.json: nothing differs by more than 15 %.';
  return `Against baseline.json, more than 15 % apart\n${table(
    ['case', 'number', 'then', 'now', 'change', ''],
    differences.map(({ id, metric, before, after, change, verdict }) => [
      id, metric, number(before, 3), number(after, 3), `${change > 0 ? '+' : ''}${percent(change)}`, verdict === 'worse' ? '!' : 'better',
    ]),
  )}`;
}

const number = (value, digits) => (typeof value === 'number' ? value.toFixed(digits) : '-');
const ms = (value) => number(value, 1);
const both = ({ p50, p95 }) => `${number(p50, 2)} / ${number(p95, 2)}`;
const percent = (value) => (typeof value === 'number' ? `${(value * 100).toFixed(1)} %` : '-');
const met = (yes) => (yes ? 'yes' : 'no');
