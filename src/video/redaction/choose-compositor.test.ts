import { expect, test } from 'vitest';
import { planesOf } from '../../core/pixels.ts';
import { createCompositorSet } from './choose-compositor.ts';

test('planes go to the planar compositor, opaque frames to the canvas', () => {
  const set = createCompositorSet('auto');
  expect(set.compositorFor('planes').kind).toBe('planar');
  expect(set.compositorFor('opaque').kind).toBe('canvas2d');
  expect(set.compositorFor('planes')).toBe(set.compositorFor('planes'));
  set.close();
});

test('the canvas can be asked for', () => {
  const set = createCompositorSet('canvas2d');
  expect(set.compositorFor('planes').kind).toBe('canvas2d');
  set.close();
});

test('a closed set refuses every frame', async () => {
  const set = createCompositorSet('auto');
  set.close();
  set.close();
  const display = { width: 2, height: 2 };
  const { planes, byteLength } = planesOf('I420', display);
  const composed = set.compositorFor('planes').compose(
    {
      kind: 'planes',
      info: { timestampUs: 0, durationUs: null, display },
      colorSpace: null,
      pixels: { ...display, format: 'I420', planes, data: new Uint8Array(byteLength), colour: { matrix: 'bt601', fullRange: false }, orientation: { rotation: 0, flip: false }, display },
    },
    { kind: 'whole', reason: 'starting' },
    { method: 'frost', strength: 0.5 },
  );
  await expect(composed).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
});

test('the planar one alone can be asked for', () => {
  const set = createCompositorSet('planar');
  expect(set.compositorFor('planes').kind).toBe('planar');
  expect(set.compositorFor('opaque').kind).toBe('planar');
  set.close();
});

test('WebGPU is refused where it is not', () => {
  expect(() => createCompositorSet('webgpu')).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
});
