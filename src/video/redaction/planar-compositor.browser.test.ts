import { testCompositor } from './compositor.contract.ts';
import { createPlanarCompositor } from './planar-compositor.ts';

testCompositor('planar', { make: () => createPlanarCompositor(), views: ['planes'], keepsLayout: true, bleedPx: 0 });
