/** Stands in for the module of this name while the worker of looks is built: nobody looks at the pixels, so nothing is painted. */
import type { createCompositorSet as createReal } from '../../../../src/video/redaction/choose-compositor.ts';
import { coveredFrame } from '../../../../src/video/redaction/covered-frame.ts';

const SMALL = { width: 16, height: 16 };

export const createCompositorSet: typeof createReal = () => ({
  compositorFor: () => ({
    kind: 'planar',
    compose: ({ info }) => Promise.resolve(coveredFrame({ ...info, display: SMALL })),
    close: () => undefined,
  }),
  close: () => undefined,
});
