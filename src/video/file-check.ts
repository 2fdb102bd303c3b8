import { FacePrivacyError } from '../core/errors.ts';
import type { FileCheckReport, FileCheckRequest, UncoveredFace } from '../core/file-redaction-protocol.ts';
import { CoveredPlaces, judgeFind } from '../governance/sharing/covered-places.ts';
import { framesOf, openVideoFile } from './file-frames.ts';
import { progressTeller, type FileRedactorParts } from './file-redactor.ts';
import { createFrameSampler } from './frame/frame-sampler.ts';
import { readFrame } from './frame/read-frame.ts';
import { isWholeCover } from './redaction/cover/is-whole-cover.ts';
import { mediaFault, toMicroseconds } from './recording/media-reader.ts';

/** More are counted and not listed. */
const MOST_LISTED = 1000;

/**
 * Decodes a redacted file and searches every frame of it with every look: what was recorded live was searched in what time there was. A frame that is covered
 * whole, as the manifest says and every sample shows, holds nothing to be found.
 * @throws FacePrivacyError ERR_MEDIA_INVALID, ERR_DETECTOR_*, ERR_SELF_TEST_FAILED, ERR_ABORTED: nobody knows then what it shows.
 */
export async function checkVideoFile({ file, covered, regions, covers: seconds, settings }: FileCheckRequest, { finder, clock, ...parts }: FileRedactorParts): Promise<Omit<FileCheckReport, 'engine'>> {
  const opened = await openVideoFile(file);
  try {
    const totalUs = toMicroseconds(await opened.input.computeDuration());
    const tell = progressTeller(1, totalUs, (progress) => { parts.onProgress(progress); });
    const places = new CoveredPlaces(covered, regions);
    const whole = new Map(seconds.map(({ second, wholeFrames }) => [second, wholeFrames]));
    const sampler = createFrameSampler();
    const uncovered: UncoveredFace[] = [];
    const sum = { frames: 0, coveredWhole: 0, uncoveredCount: 0, insideCovers: 0 };
    for await (const { frame, timeUs } of framesOf(opened, parts.signal)) {
      clock.moveTo(timeUs);
      const view = await readFrame(frame, sampler);
      sum.frames += 1;
      const second = Math.floor(timeUs / 1e6);
      const left = whole.get(second) ?? 0;
      if (left > 0 && view.kind === 'planes' && isWholeCover(view.pixels, regions.filter(({ fromUs, untilUs }) => timeUs >= fromUs && timeUs < untilUs).map(({ box }) => box))) {
        whole.set(second, left - 1);
        sum.coveredWhole += 1;
        tell(timeUs, sum.frames);
        continue;
      }
      try {
        // Nothing that was seen before stands in for a look.
        finder.forget();
        const { detections, healthy, failure } = await finder.find(view.kind === 'planes' ? view.pixels : view.sample, view.info);
        if (!healthy) throw failure ?? new FacePrivacyError('ERR_DETECTOR_FAILED', 'A frame could not be searched.');
        const covers = places.at(timeUs);
        for (const find of detections) {
          const { box, confidence } = find;
          const verdict = judgeFind(covers, find, { picture: view.info.display, threshold: settings.detection.threshold });
          if (verdict === 'cover') sum.insideCovers += 1;
          if (verdict !== 'uncovered') continue;
          sum.uncoveredCount += 1;
          if (uncovered.length < MOST_LISTED) uncovered.push({ timeUs, box: { x: box.x, y: box.y, width: box.width, height: box.height }, confidence });
        }
      } finally {
        if (view.kind === 'opaque') view.frame.close();
      }
      tell(timeUs, sum.frames);
    }
    if (sum.frames === 0) throw mediaFault('no-frames');
    return { ...sum, uncovered };
  } finally {
    opened.input.dispose();
  }
}
