import { detect } from './detect/detect.mjs';
import { album } from './album/album.mjs';
import { reid } from './reid/reid.mjs';
import { verify } from './verify/verify.mjs';
import { video } from './video/video.mjs';

/**
 * What `npm run evaluate` measures. A further measure (recognisability of covered faces, templates, album) is a folder
 * beside detect/ and video/ and a line here.
 *
 * - `find` looks what of it the data folder holds; a reason in words where that is nothing.
 * - `run` measures and answers plain data: the part of the result under the measure's name.
 * - `report` puts that into sections of Markdown and SVG plots.
 *
 * @typedef {object} Context
 * @property {Awaited<ReturnType<typeof import('../harness.mjs').openHarness>>} harness
 * @property {string} data folder
 * @property {import('../options.mjs').Options} options
 * @property {(text: string) => void} progress one line that takes the place of the one before.
 * @property {(line: string) => void} log
 *
 * @typedef {object} Measure
 * @property {string} name
 * @property {(data: string) => { parts: readonly string[], missing: readonly string[] }} find what is there to measure, and what is not and why.
 * @property {(context: Context) => Promise<any>} run
 * @property {(result: any) => { markdown: string, plots: Readonly<Record<string, string>> }} report `plots`: SVG by file name.
 *
 * @type {readonly Measure[]}
 */
export const MEASURES = [detect, video, verify, reid, album];
