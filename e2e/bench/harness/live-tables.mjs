import { ms, number, percent, table } from './report.mjs';

const STAGES = ['read', 'detect', 'track', 'plan', 'compose', 'write'];

/**
 * Rows of `measureLive` for a reader: what came out when, and what each stage took.
 * @param {string} title
 * @param {readonly any[]} rows
 */
export const liveTables = (title, rows) => [
  `${title}\n${table(
    ['case', 'size', 'camera fps', 'fps', 'dropped', 'added p50', 'p95 ms', 'end to end p50', 'p95 ms', 'main thread', 'its CPU', 'CPU s/100 fr', 'peak MiB', 'others'],
    rows.map((row) => [
      row.id, `${row.width}x${row.height}`, number(row.cameraFps, 1), number(row.outputFps, 1), `${row.droppedFrames}/${row.cameraFrames}`,
      ms(row.addedLatencyMs.p50), ms(row.addedLatencyMs.p95), ms(row.endToEndMs.p50), ms(row.endToEndMs.p95),
      percent(row.mainThread.taskShare), percent(row.mainThread.cpuShare), number(row.cpuSecondsPer100Frames, 2), number(row.peakMemoryMiB, 0), number(row.othersCores, 1),
    ]),
  )}`,
  `What each stage takes, p50 / p95 ms; for copy, read and compose are the two halves of a copy\n${table(
    ['case', ...STAGES, 'looks/frame', 'covered whole'],
    rows.map((row) => [
      row.id, ...STAGES.map((stage) => `${ms(row.stagesMs[stage]?.p50)} / ${ms(row.stagesMs[stage]?.p95)}`),
      number(row.looksPerFrame, 2), percent(row.coveredWholeShare),
    ]),
  )}`,
];

/**
 * What the project aims at on the reference machine, shown beside Bauta's rows and never asserted.
 * @param {readonly any[]} rows
 * @param {{ outputFps: number, addedLatencyP95Ms: number, mainThreadTaskShare: number }} aims
 */
export const aimTable = (rows, aims) =>
  `Aims\n${table(
    ['case', `fps >= ${aims.outputFps}`, 'none dropped', `added p95 <= ${aims.addedLatencyP95Ms} ms`, `main thread < ${percent(aims.mainThreadTaskShare)}`],
    rows.filter(({ way }) => way === 'bauta').map((row) => [
      row.id, met(row.outputFps >= aims.outputFps), met(row.droppedFrames === 0),
      met(row.addedLatencyMs.p95 <= aims.addedLatencyP95Ms), met(row.mainThread.taskShare < aims.mainThreadTaskShare),
    ]),
  )}`;

const met = (/** @type {boolean} */ yes) => (yes ? 'yes' : 'no');
