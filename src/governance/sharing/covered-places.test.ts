import { describe, expect, it } from 'vitest';
import { area, intersect, type Box } from '../../core/geometry.ts';
import { CoveredPlaces, judgeFind } from './covered-places.ts';

const box = (x: number, width = 100): Box => ({ x, y: 50, width, height: 100 });
const isIn = (places: CoveredPlaces, find: Box, timeUs: number): boolean => places.at(timeUs).some(({ box: cover }) => area(intersect(find, cover)) >= 0.85 * area(find));
const sample = (timeMs: number, ...tracks: readonly (readonly [trackId: number, x: number])[]) => ({ timeUs: timeMs * 1000, tracks: tracks.map(([trackId, x]) => ({ trackId, box: box(x) })) });

describe('where a redacted video is covered', () => {
  const places = new CoveredPlaces([[sample(0, [1, 0]), sample(100, [1, 60]), sample(200, [1, 120], [2, 500])]]);

  it.each<[string, Box, number, boolean]>([
    ['in a cover of that moment', box(5, 80), 100, false],
    ['in the cover just before', box(60, 90), 150, true],
    ['in the cover just after', box(505, 80), 150, true],
    ['on its way between the two', box(90, 100), 150, true],
    ['beside it', box(300), 150, false],
    ['half in it', box(-50), 0, false],
    ['a little out of it', box(50, 60), 0, false],
    ['in a cover that is long over', box(120), 700, false],
    ['in one that comes much later', box(0), -500, false],
    ['in the last one, a moment later', box(120), 400, true],
    ['in the last one, when it is long over', box(120), 460, false],
  ])('%s', (_name, find, timeMs, covered) => {
    // The first row: the cover of 100 ms has gone on to x = 60.
    expect(isIn(places, find, timeMs * 1000)).toBe(covered);
  });

  it('knows every redaction that a video went through, and what was marked by hand, for its time only', () => {
    const twice = new CoveredPlaces([[sample(0, [1, 0])], [sample(10, [1, 800])]], [{ fromUs: 0, untilUs: 50_000, box: box(300) }]);
    expect([0, 800, 300].map((x) => isIn(twice, box(x), 20_000))).toEqual([true, true, true]);
    expect([49_999, 50_000].map((timeUs) => isIn(twice, box(300), timeUs))).toEqual([true, false]);
  });

  it('is nowhere where nothing is known', () => {
    expect(new CoveredPlaces([]).at(0)).toEqual([]);
    expect(new CoveredPlaces([[]]).at(0)).toEqual([]);
  });
});

describe('a find of the second search [TAF-5.4a]', () => {
  const sure = (...boxes: readonly Box[]) => boxes.map((at) => ({ box: at, isSure: true }));
  const covers = sure(box(0), box(200));
  const in720 = { picture: { width: 1280, height: 720 }, threshold: 0.3 };
  const face = (x: number, confidence: number, ...features: readonly number[]) => ({ box: box(x), confidence, keypoints: features.map((at) => ({ x: at, y: 100 })) });

  it.each<[string, number, number, 'none' | 'cover' | 'uncovered']>([
    ['less than the redaction took for a face', 500, 0.29, 'none'],
    ['outside of every cover', 500, 0.3, 'uncovered'],
    ['in a cover, as covers look', 0, 0.67, 'cover'],
    ['in a cover, as only faces look', 0, 0.9, 'uncovered'],
    ['of no known confidence', 500, Number.NaN, 'none'],
  ])('%s', (_name, x, confidence, verdict) => {
    expect(judgeFind(covers, face(x, confidence), in720)).toBe(verdict);
  });

  it('made of several covers is none: its eyes, nose and mouth lie in them; of a face that shows, one at least does not', () => {
    expect(judgeFind(covers, face(100, 0.6, 90, 210, 95, 205, 150, 150), in720)).toBe('cover');
    expect(judgeFind(covers, face(100, 0.6, 90, 210, 150, 205, 90, 90), in720)).toBe('uncovered');
    expect(judgeFind(covers, face(100, 0.9, 90, 210, 95, 205), in720)).toBe('uncovered');
    expect(judgeFind(covers, face(100, 0.6, 90, 210), in720)).toBe('uncovered');
  });

  it('is judged by what the picture shows of it, in all covers together', () => {
    const wide = (x: number, width: number) => ({ box: { x, y: 50, width, height: 100 }, confidence: 0.5, keypoints: [] });
    expect(judgeFind(sure(box(0), box(50)), wide(0, 150), in720)).toBe('cover');
    expect(judgeFind(sure(box(0)), wide(0, 150), in720)).toBe('uncovered');
    expect(judgeFind(sure(box(0)), wide(-100, 200), in720)).toBe('cover');
    expect(judgeFind(sure(box(0)), wide(0, 120), { ...in720, picture: { width: 100, height: 720 } })).toBe('cover');
  });

  it('that is large and made of covers in good part has to be as sure as a face that size is', () => {
    const large = (confidence: number, height: number) => ({ box: { x: 0, y: 50, width: 200, height }, confidence, keypoints: [] });
    expect(judgeFind(sure(box(0)), large(0.69, 120), in720)).toBe('cover');
    expect(judgeFind(sure(box(0)), large(0.7, 120), in720)).toBe('uncovered');
    expect(judgeFind(sure(box(0)), large(0.4, 300), in720)).toBe('uncovered');
    expect(judgeFind(sure(box(0)), large(0.4, 90), in720)).toBe('uncovered');
  });

  it('that is no faint one needs a cover that is sure: in a sample of that very moment, or before and after', () => {
    const places = new CoveredPlaces([[sample(0, [1, 0], [2, 400]), sample(100, [1, 60])]]);
    const at = (timeMs: number, x: number, width: number, confidence: number) => judgeFind(places.at(timeMs * 1000), { box: box(x, width), confidence, keypoints: [] }, in720);
    expect(at(50, 60, 40, 0.6)).toBe('cover');
    expect(at(50, 0, 60, 0.49)).toBe('cover');
    expect(at(50, 0, 60, 0.5)).toBe('uncovered');
    expect(at(50, 400, 90, 0.6)).toBe('uncovered');
    expect(at(0, 400, 90, 0.6)).toBe('cover');
  });
});
