import { describe, expect, it } from 'vitest';
import { glide, grow, intersect, mapRect, rect, still, sway } from './geometry.mjs';
import { markerArea } from './marker.mjs';
import { CLIPS, MAIN_CUTS, PHOTOS, clipNamed, facesAt, facesIn, layersAt } from './scenes.mjs';

/** A window of sample1.jpg (1920x1280; face 1.1 at 412,350 190x244) shown in a clip of 100x100. */
function clipShowing(view: ReturnType<typeof rect>) {
  const whole = rect(0, 0, 1920, 1280);
  const tile = { photo: 'sample1.jpg', at: whole, view: still(whole) };
  return { name: 'probe', width: 100, height: 100, fps: 30, frames: 1, shots: [{ from: 0, tiles: [tile], camera: still(view) }] };
}

describe('camera moves', () => {
  it('maps a box with the window that it lies in', () => {
    expect(mapRect(rect(30, 50, 10, 20), rect(20, 40, 100, 100), rect(0, 0, 200, 50))).toEqual(rect(20, 5, 20, 10));
  });

  it('glides with smoothstep: a quarter of the time is 5/32 of the way', () => {
    const move = glide([[10, rect(0, 0, 100, 100)], [14, rect(32, 64, 132, 100)]]);
    expect(move(0)).toEqual(rect(0, 0, 100, 100));
    expect(move(11)).toEqual(rect(5, 10, 105, 100));
    expect(move(12)).toEqual(rect(16, 32, 116, 100));
    expect(move(99)).toEqual(rect(32, 64, 132, 100));
  });

  it('jumps between keys on neighbouring frames', () => {
    const move = glide([[0, rect(0, 0, 10, 10)], [5, rect(0, 0, 10, 10)], [6, rect(90, 0, 10, 10)], [9, rect(90, 0, 10, 10)]]);
    expect([move(5).x, move(6).x]).toEqual([0, 90]);
  });

  it('sways back to where it began', () => {
    const move = sway(rect(10, 10, 100, 50), { periodFrames: 150, dxPx: 9, dyPx: 3, zoom: 0.02 });
    expect(move(150).x).toBeCloseTo(move(0).x, 9);
    expect(move(150).width).toBeCloseTo(move(0).width, 9);
    expect(Math.abs(move(40).x - move(0).x)).toBeGreaterThan(1);
  });
});

describe('facesAt', () => {
  it('gives the box in clip pixels', () => {
    expect(facesAt(clipShowing(rect(400, 340, 400, 400)), 0)).toEqual([{ id: '1.1', x: 3, y: 2.5, width: 47.5, height: 61, visible: 1 }]);
  });

  it('cuts the box at the edge of the picture and says how much of it is left', () => {
    // 95 of the 190 columns and 183 of the 244 rows show: 3/8 of the box.
    expect(facesAt(clipShowing(rect(507, 411, 200, 200)), 0)).toEqual([{ id: '1.1', x: 0, y: 0, width: 47.5, height: 91.5, visible: 0.375 }]);
  });

  it('leaves out a face that shows less than a pixel', () => {
    expect(facesAt(clipShowing(rect(600, 340, 100, 100)), 0)).toHaveLength(1);
    expect(facesAt(clipShowing(rect(601.5, 340, 100, 100)), 0)).toEqual([]);
  });

  it('knows the first frame of the main clip', () => {
    // Window 1880 px wide from (20, 60) on 1280 px: 1280 / 1880 = 32 / 47.
    const [first] = facesAt(clipNamed('main'), 0);
    expect(first?.id).toBe('6.1');
    expect(first?.x).toBeCloseTo(((248 - 20) * 32) / 47, 9);
    expect(first?.y).toBeCloseTo(((466 - 60) * 32) / 47, 9);
    expect(first?.width).toBeCloseTo((216 * 32) / 47, 9);
  });

  it('refuses a frame that the clip does not have', () => {
    const main = clipNamed('main');
    for (const frame of [-1, main.frames, 0.5, Number.NaN]) expect(() => facesAt(main, frame)).toThrow(RangeError);
    expect(() => clipNamed('mian')).toThrow(/there are main, /);
  });
});

describe('the photos', () => {
  it('have 22 faces, each inside its photo', () => {
    expect(PHOTOS.flatMap(({ faces }) => faces)).toHaveLength(22);
    for (const photo of PHOTOS) {
      for (const face of photo.faces) expect(intersect(face, rect(0, 0, photo.width, photo.height))).toEqual(rect(face.x, face.y, face.width, face.height));
    }
  });
});

describe.each(CLIPS.map((clip) => [clip.name, clip] as const))('clip %s', (_name, clip) => {
  const frames = Array.from({ length: clip.frames }, (_, frame) => frame);

  it('shows only what the photos hold, fills the picture, and no layer lies on another', () => {
    for (const frame of frames) {
      const layers = layersAt(clip, frame);
      let area = 0;
      for (const [i, { photo, source, destination }] of layers.entries()) {
        const { width, height } = PHOTOS.find(({ file }) => file === photo)!;
        expect(Math.min(source.x, source.y, width - source.x - source.width, height - source.y - source.height)).toBeGreaterThan(-1e-6);
        area += destination.width * destination.height;
        for (const other of layers.slice(i + 1)) {
          const shared = intersect(destination, other.destination);
          expect(shared === null || Math.min(shared.width, shared.height) < 1e-6).toBe(true);
        }
      }
      expect(area).toBeCloseTo(clip.width * clip.height, 3);
    }
  });

  it('shows no face twice in a frame', () => {
    for (const frame of frames) {
      const ids = facesAt(clip, frame).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('keeps the marker away from every visible face, grown 2.2 times', () => {
    const marker = markerArea(clip.height);
    for (const frame of frames) {
      for (const { id, whole } of layersAt(clip, frame).flatMap(facesIn)) {
        expect(intersect(grow(whole, 2.2), marker), `frame ${frame}, face ${id}`).toBeNull();
      }
    }
  });
});

describe.each(CLIPS.filter(({ name }) => name !== 'main').map((clip) => [clip.name, clip] as const))('%s', (name, clip) => {
  const promised = Number(name.split('-').at(-1));

  it('shows the promised number of faces all the time and cuts none', () => {
    for (let frame = 0; frame < clip.frames; frame++) {
      const faces = facesAt(clip, frame);
      expect(faces.every(({ visible }) => visible > 0.999999)).toBe(true);
      expect(faces).toHaveLength(promised === 10 ? 11 : promised);
    }
  });

  it('moves all the time, gently, and loops without a jump', () => {
    for (let frame = 0; frame < clip.frames; frame++) {
      const shift = largestShift(clip, frame, (frame + 1) % clip.frames);
      expect(shift).toBeGreaterThan(0);
      // The same picture in more pixels moves further in them.
      expect(shift).toBeLessThan(3 * Math.max(1, clip.height / 720));
    }
  });
});

describe('the main clip', () => {
  const main = clipNamed('main');
  const visible = Array.from({ length: main.frames }, (_, frame) => facesAt(main, frame));

  it('shows all 22 faces whole, a near one, small ones, nobody, and faces cut at the edges', () => {
    expect(new Set(visible.flat().filter((face) => face.visible === 1).map(({ id }) => id)).size).toBe(22);
    expect(visible.some((faces) => faces.some(({ width }) => width > 380))).toBe(true);
    expect(visible.at(-1)?.filter(({ width }) => width < 64)).toHaveLength(22);
    expect(visible.filter((faces) => faces.length === 0).length).toBeGreaterThanOrEqual(10);
    for (const edge of [
      (face: { x: number }) => face.x === 0,
      (face: { y: number }) => face.y === 0,
      (face: { x: number; width: number }) => Math.abs(face.x + face.width - main.width) < 1e-6,
      (face: { y: number; height: number }) => Math.abs(face.y + face.height - main.height) < 1e-6,
    ]) {
      expect(visible.some((faces) => faces.some((face) => face.visible < 1 && edge(face)))).toBe(true);
    }
  });

  it('changes scene, jumps and pans fast where it says so, and nowhere else', () => {
    const { sceneChanges, jump, fastPan } = MAIN_CUTS;
    for (let frame = 1; frame < main.frames; frame++) {
      const shift = largestShift(main, frame - 1, frame);
      if (sceneChanges.includes(frame)) expect(shift, `frame ${frame}`).toBe(Infinity);
      else if (frame === jump) expect(shift).toBeGreaterThan(600);
      else if (frame > fastPan.first && frame <= fastPan.last) expect(shift, `frame ${frame}`).toBeGreaterThan(30);
      else expect(shift, `frame ${frame}`).toBeLessThan(60);
    }
    expect(largestShift(main, fastPan.first, fastPan.last)).toBeGreaterThan(700);
  });
});

/** How far the content at the picture's corners moves between two frames, in clip pixels; Infinity when the shot changes. */
function largestShift(clip: (typeof CLIPS)[number], before: number, after: number): number {
  const shotOf = (frame: number) => clip.shots.findLast(({ from }) => from <= frame);
  if (shotOf(before) !== shotOf(after)) return Infinity;
  let largest = 0;
  const later = layersAt(clip, after);
  for (const was of layersAt(clip, before)) {
    const now = later.find(({ photo }) => photo === was.photo);
    if (now === undefined) continue;
    const moved = mapRect(was.source, now.source, now.destination);
    for (const [p, q] of [
      [moved.x, was.destination.x],
      [moved.y, was.destination.y],
      [moved.x + moved.width, was.destination.x + was.destination.width],
      [moved.y + moved.height, was.destination.y + was.destination.height],
    ] as const) {
      largest = Math.max(largest, Math.abs(p - q));
    }
  }
  return largest;
}
