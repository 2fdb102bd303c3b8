// Clips and pans: how often a known face shows, for how long, and how much else is covered.
import { existsSync } from 'node:fs';
import { clipsIn, pansIn } from './clips.mjs';
import { ffmpegVersion } from './decoded-frames.mjs';
import { referenceFaces } from './reference.mjs';
import { reportVideo } from './report.mjs';
import { scoreClip } from './score.mjs';
import { totalOf } from './totals.mjs';

/** @type {import('../index.mjs').Measure} */
export const video = {
  name: 'video',
  find(data) {
    const parts = [...clipsIn(data), ...pansIn(data)].map(({ name }) => name);
    return { parts, missing: parts.length > 0 ? [] : [`${data} holds no video/boxes.json and no video/pans.json`] };
  },
  async run(context) {
    const { harness, data, options, progress, log } = context;
    const ffmpeg = ffmpegVersion();
    /** @type {Record<string, any>} */
    const clips = {};
    /** @type {string[]} */
    const skipped = [];
    const all = [...clipsIn(data), ...pansIn(data)].filter(({ name }) => options.clips?.some((part) => name.includes(part)) ?? true);
    for (const full of all) {
      const lack = full.file === null ? null : ffmpeg === null ? 'there is no ffmpeg to decode it' : existsSync(full.file) ? null : `${full.file} is not there`;
      if (lack !== null) {
        skipped.push(`${full.name}: ${lack}`);
        log(`video/${full.name}: skipped, ${lack}`);
        continue;
      }
      if (full.file !== null) harness.frames.add(full.name, full.file, full);
      const faces = full.faces ?? (await referenceFaces(full, context));
      const frames = Math.min(full.frames, options.frames ?? Infinity);
      const clip = { ...full, frames, faces, source: { ...full.source, count: frames } };
      const { name, kind, width, height, fps, convention } = clip;
      /** @type {Record<string, any>} */
      const modes = {};
      for (const delayFrames of new Set([0, options.lookAhead])) {
        const mode = delayFrames === 0 ? 'live' : 'lookAhead';
        const tell = (/** @type {number} */ done) => progress(`video/${name}: ${mode}, frame ${done} of ${frames}`);
        const played = await harness.call('play', [clip.source, { worsen: options.worsen, delayFrames }], tell);
        modes[mode] = { delayFrames, looksPerFrame: perFrame(played.looks, played.frames.length), failures: played.failures, ...scoreClip(clip, played.frames) };
      }
      clips[name] = { kind, width, height, fps, frames, boxes: full.faces === null ? 'reference' : convention, complete: clip.complete, modes };
      log(`video/${name}: ${Object.entries(modes).map(([mode, { leaks, faceFrames, over }]) => `${mode} shown ${leaks} of ${faceFrames}, over ${percent(over)}`).join('; ')}`);
    }
    return { ffmpeg, lookAheadFrames: options.lookAhead, skipped, clips, totals: totalOf(clips) };
  },
  report: reportVideo,
};

const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;

function perFrame(/** @type {Record<string, number>} */ looks, /** @type {number} */ frames) {
  return Object.fromEntries(Object.entries(looks).map(([eye, times]) => [eye, times / Math.max(1, frames)]));
}
