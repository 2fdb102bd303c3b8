import { readFileSync } from 'node:fs';
import { at } from '../../scripts/paths.mjs';
import { expectNothingLeft } from '../faults/endings.ts';
import { expect, test } from '../support/stage-test.ts';

interface Photo {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly { readonly id: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number }[];
}

const photo = (JSON.parse(readFileSync(at('demo', 'clip', 'faces.json'), 'utf8')) as Photo[]).find(({ file }) => file === 'sample6.jpg')!;

/** Stored size is that of the upright picture; `display` is what is shown when it differs. */
const FORMS = [
  { format: 'I420', width: 640, height: 512 },
  { format: 'NV12', width: 640, height: 512 },
  { format: 'RGBA', width: 640, height: 512 },
  { format: 'BGRA', width: 640, height: 512 },
  { format: 'I420', width: 641, height: 511 },
  { format: 'NV12', width: 639, height: 513 },
  { format: 'I420', width: 640, height: 512, rotation: 90 },
  { format: 'NV12', width: 640, height: 512, rotation: 180 },
  { format: 'I420', width: 640, height: 512, rotation: 270 },
  { format: 'I420', width: 640, height: 512, displayWidth: 960, displayHeight: 768 },
  { format: 'I420', width: 320, height: 512, displayWidth: 640, displayHeight: 512 },
] as const;

const nameOf = (form: object): string => Object.values(form).join(' ');

test('every form of frame, changing in mid-stream: each known face is covered, upright and in place', async ({ stage: page }, info) => {
  test.setTimeout(120_000);
  const results = await page.evaluate(
    async ({ forms, photo }) => {
      const { stage } = window;
      const pictures = new Map<string, Awaited<ReturnType<typeof stage.photoAt>>>();
      for (const { width, height } of forms) {
        pictures.set(`${width}x${height}`, pictures.get(`${width}x${height}`) ?? (await stage.photoAt(photo.file, width, height)));
      }
      /** Which form a timestamp had. */
      const shown = new Map<number, number>();
      let current = 0;
      const make = (timestampUs: number): VideoFrame => {
        const form = forms[current]!;
        shown.set(timestampUs, current);
        return stage.frameOf(pictures.get(`${form.width}x${form.height}`)!, form, timestampUs);
      };
      const fed = new stage.FedTrack(make);
      const opened = await stage.open({ source: { kind: 'track', track: fed.track } });
      // A cover is drawn in rows of the frame as it is stored.
      const isCovered = (luma: Parameters<typeof stage.isFlatPerRow>[0], form: object): boolean => stage.isFlatPerRow('rotation' in form && form.rotation !== 180 ? stage.turned(luma) : luma);
      const partial = forms.map(() => 0);
      const found: { form: number; exposed: number; face: string; size: string }[] = [];
      const sizes = new Set<string>();
      const settled: string[] = [];
      for (; current < forms.length; current++) {
        const from = opened.recorder.frames.length;
        const { displayWidth, displayHeight, width, height } = { displayWidth: undefined, displayHeight: undefined, ...forms[current]! };
        const [w, h] = [displayWidth ?? width, displayHeight ?? height];
        const isShown = (): boolean => {
          const fresh = opened.recorder.frames.slice(from).filter((frame) => shown.get(frame.timestampUs) === current);
          return fresh.filter(({ luma }) => !isCovered(luma, forms[current]!)).length >= 2;
        };
        await stage.until(isShown, `a picture of form ${current}`, 30_000).then(
          () => settled.push('shown'),
          () => settled.push('never shown'),
        );
        sizes.add(`${current}: ${w}x${h}`);
      }
      fed.stop();
      await opened.session.close();
      const references = new Map<number, Awaited<ReturnType<typeof stage.lumaOfFrame>>>();
      for (const { timestampUs, luma } of opened.recorder.frames) {
        const index = shown.get(timestampUs);
        if (index === undefined) throw new Error(`no frame was made with time ${timestampUs}`);
        const form = forms[index]!;
        if (isCovered(luma, form)) continue;
        const { width, height } = luma;
        let reference = references.get(index);
        if (reference === undefined) {
          const picture = pictures.get(`${form.width}x${form.height}`)!;
          const bitmap = await stage.real.createImageBitmap(new ImageData(picture.rgba as ImageDataArray, picture.width, picture.height));
          reference = stage.lumaOfImage(bitmap, width, height);
          references.set(index, reference);
        }
        partial[index]! += 1;
        for (const face of photo.faces) {
          const x = width / photo.width;
          const y = height / photo.height;
          const box = { x: face.x * x, y: face.y * y, width: face.width * x, height: face.height * y };
          found.push({ form: index, face: face.id, size: `${width}x${height}`, ...stage.measure(reference, luma, box) });
        }
        // The picture itself is upright and in place: what no face is near agrees with the source.
        const all = stage.measure(reference, luma, { x: 0, y: 0, width, height });
        found.push({ form: index, face: 'picture', size: `${width}x${height}`, exposed: all.exposed });
      }
      return { partial, settled, found, errors: opened.events.filter(({ type }) => type === 'error').map(({ detail }) => detail) };
    },
    { forms: FORMS, photo },
  );
  expect(results.errors).toEqual([]);
  expect(results.settled).toEqual(FORMS.map(() => 'shown'));
  for (const [i, form] of FORMS.entries()) {
    const own = results.found.filter((finding) => finding.form === i);
    const faces = own.filter(({ face }) => face !== 'picture');
    const picture = own.find(({ face }) => face === 'picture')!;
    info.annotations.push({ type: nameOf(form), description: `${results.partial[i]} frames, ${picture.size}, picture shown ${picture.exposed.toFixed(2)}, worst face ${Math.max(...faces.map(({ exposed }) => exposed)).toFixed(3)}` });
    expect(faces.filter(({ exposed }) => exposed > 0.05), nameOf(form)).toEqual([]);
    expect(picture.exposed, `${nameOf(form)}: the picture is there`).toBeGreaterThan(0.1);
    const display = 'displayWidth' in form ? `${form.displayWidth}x${form.displayHeight}` : `${form.width}x${form.height}`;
    expect(picture.size, nameOf(form)).toBe(display);
  }
  await expectNothingLeft(page);
});

test('1x1 and 4096x2160 frames', async ({ stage: page }) => {
  test.setTimeout(120_000);
  const result = await page.evaluate(async (photo) => {
    const { stage } = window;
    const tiny = { width: 1, height: 1, rgba: new Uint8ClampedArray([200, 10, 10, 255]) };
    const huge = await stage.photoAt(photo.file, 4096, 2160);
    let make = (timestampUs: number) => stage.frameOf(tiny, { format: 'RGBA' }, timestampUs);
    const fed = new stage.FedTrack((timestampUs) => make(timestampUs), 100);
    const opened = await stage.open({ source: { kind: 'track', track: fed.track } });
    const { frames } = opened.recorder;
    await stage.until(() => frames.some(({ displayWidth }) => displayWidth === 1), 'a 1x1 frame');
    make = (timestampUs) => stage.frameOf(huge, { format: 'I420' }, timestampUs);
    const large = () => frames.filter(({ displayWidth, luma }) => displayWidth === 4096 && !stage.isFlatPerRow(luma));
    await stage.until(() => large().length >= 2, 'two 4096x2160 frames', 90_000);
    fed.stop();
    await opened.session.close();
    const bitmap = await stage.real.createImageBitmap(new ImageData(huge.rgba as ImageDataArray, 4096, 2160));
    const reference = stage.lumaOfImage(bitmap, 4096, 2160);
    const exposed = large().flatMap(({ luma }) =>
      photo.faces.map(({ x, y, width, height }) => {
        const [sx, sy] = [4096 / photo.width, 2160 / photo.height];
        return stage.measure(reference, luma, { x: x * sx, y: y * sy, width: width * sx, height: height * sy }).exposed;
      }),
    );
    return { worst: Math.max(...exposed), errors: opened.events.filter(({ type }) => type === 'error').map(({ detail }) => detail) };
  }, photo);
  expect(result.errors).toEqual([]);
  expect(result.worst).toBeLessThanOrEqual(0.05);
  await expectNothingLeft(page);
});
