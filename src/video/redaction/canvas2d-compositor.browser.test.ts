import { createCanvas2dCompositor } from './canvas2d-compositor.ts';
import { testCompositor } from './compositor.contract.ts';

testCompositor('canvas2d', { make: () => createCanvas2dCompositor(), views: ['planes', 'opaque'], keepsLayout: false, bleedPx: 4 });
