import { COLOURS_PER_SIDE, POINTS_ACROSS, POINTS_ALONG } from '../cover/border-colours.ts';
import { SOLID_LEVEL } from '../cover/cover-regions.ts';
import { BLOTCH_COLOUR_SHARE, INTERVALS, SIDE, SOFTNESS } from '../cover/frost.ts';
import { CHROMA_NOISE, NOISE, POINTS } from '../cover/region-samples.ts';
import { GRAIN_SIDE } from '../cover/seeded-noise.ts';
import { METHOD_CODES, PLAN_MAGIC } from './plan-buffer.ts';

/** Colours that one region's surface is made of, at most: the control points of `frost`. */
export const CONTROLS = SIDE * SIDE;
/** Invocations that work on one region together. */
const THREADS = 64;
const BORDER = 4 * COLOURS_PER_SIDE;

/** Where the buffers are bound, in every pipeline. */
export const BINDINGS = { frame: 0, plan: 1, grain: 2, gridsOut: 3, gridsIn: 4 } as const;

/** The step before painting, by method: what is known of a region goes into its control points. */
export const GRID_ENTRY = { frost: 'frostGrid', blur: 'sampleGrid', pixelate: 'sampleGrid', solid: null } as const;

/**
 * The covers of `cover/`, for a GPU: same constants, same noise, same surface. Two promises are kept here and not left
 * to the caller: `frost` and `solid` load no texel that lies in any region, and a plan that did not arrive whole, or is
 * one of another picture size, covers everything.
 */
export const COVER_SHADER = /* wgsl */ `
struct Region { rect: vec4i, box: vec4f, seed: u32, feather: i32, ring: i32, cells: i32 }
struct Plan { magic: u32, count: u32, size: vec2u, method: u32, blotch: f32, grain: f32, unused: u32, regions: array<Region> }

@group(0) @binding(${BINDINGS.frame}) var frame: texture_external;
@group(0) @binding(${BINDINGS.plan}) var<storage, read> plan: Plan;
@group(0) @binding(${BINDINGS.grain}) var<storage, read> grain: array<f32, ${GRAIN_SIDE * GRAIN_SIDE}>;
@group(0) @binding(${BINDINGS.gridsOut}) var<storage, read_write> gridsOut: array<vec4f>;
@group(0) @binding(${BINDINGS.gridsIn}) var<storage, read> gridsIn: array<vec4f>;

fn mixed(h: u32, part: u32) -> u32 {
  var x = h ^ part;
  x = (x ^ (x >> 16u)) * 0x85ebca6bu;
  x = (x ^ (x >> 13u)) * 0xc2b2ae35u;
  return x ^ (x >> 16u);
}

fn noise(seed: u32, x: u32, y: u32, channel: u32) -> f32 {
  return f32(mixed(mixed(mixed(mixed(0x9e3779b9u, seed), x), y), channel)) / 2147483647.0 - 1.0;
}

fn inside(rect: vec4i, p: vec2i) -> bool {
  return all(p >= rect.xy) && all(p < rect.zw);
}

fn coveredByAny(p: vec2i) -> bool {
  for (var r = 0u; r < plan.count; r++) {
    if (inside(plan.regions[r].rect, p)) { return true; }
  }
  return false;
}

fn colourAt(p: vec2i) -> vec3f {
  return textureLoad(frame, vec2u(p)).rgb * 255.0;
}

var<workgroup> border: array<vec4f, ${BORDER}>;
var<workgroup> closed: array<vec4f, ${BORDER}>;

fn borderPlace(i: u32) -> vec2f {
  let c = (f32(i % ${COLOURS_PER_SIDE}u) + 0.5) / ${COLOURS_PER_SIDE}.0;
  switch (i / ${COLOURS_PER_SIDE}u) {
    case 0u: { return vec2f(c, 0.0); }
    case 1u: { return vec2f(1.0, c); }
    case 2u: { return vec2f(1.0 - c, 1.0); }
    default: { return vec2f(0.0, 1.0 - c); }
  }
}

fn borderColour(region: Region, i: u32) -> vec4f {
  let side = i / ${COLOURS_PER_SIDE}u;
  let rect = region.rect;
  let size = vec2f(rect.zw - rect.xy);
  var sum = vec4f();
  for (var a = 0u; a < ${POINTS_ALONG}u; a++) {
    let t = (f32(i % ${COLOURS_PER_SIDE}u) + (f32(a) + 0.5) / ${POINTS_ALONG}.0) / ${COLOURS_PER_SIDE}.0;
    for (var b = 0u; b < ${POINTS_ACROSS}u; b++) {
      let out = i32((f32(b) + 0.5) / ${POINTS_ACROSS}.0 * f32(region.ring));
      var p: vec2i;
      switch (side) {
        case 0u: { p = vec2i(rect.x + i32(t * size.x), rect.y - 1 - out); }
        case 1u: { p = vec2i(rect.z + out, rect.y + i32(t * size.y)); }
        case 2u: { p = vec2i(rect.z - 1 - i32(t * size.x), rect.w + out); }
        default: { p = vec2i(rect.x - 1 - out, rect.w - 1 - i32(t * size.y)); }
      }
      if (any(p < vec2i()) || any(p >= vec2i(plan.size)) || coveredByAny(p)) { continue; }
      sum += vec4f(colourAt(p), 1.0);
    }
  }
  return select(vec4f(), vec4f(sum.rgb / sum.a, 1.0), sum.a > 0.0);
}

fn filledColour(i: u32) -> vec4f {
  if (border[i].a > 0.0) { return border[i]; }
  var before = 1u;
  var after = 1u;
  while (before < ${BORDER}u && border[(i + ${BORDER}u - before) % ${BORDER}u].a == 0.0) { before++; }
  while (after < ${BORDER}u && border[(i + after) % ${BORDER}u].a == 0.0) { after++; }
  if (before == ${BORDER}u) { return vec4f(128.0); }
  let a = border[(i + ${BORDER}u - before) % ${BORDER}u];
  let b = border[(i + after) % ${BORDER}u];
  return (a * f32(after) + b * f32(before)) / f32(before + after);
}

@compute @workgroup_size(${THREADS})
fn frostGrid(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let region = plan.regions[group.x];
  if (thread < ${BORDER}u) { border[thread] = borderColour(region, thread); }
  workgroupBarrier();
  if (thread < ${BORDER}u) { closed[thread] = filledColour(thread); }
  workgroupBarrier();
  for (var at = thread; at < ${CONTROLS}u; at += ${THREADS}u) {
    let cell = vec2u(at % ${SIDE}u, at / ${SIDE}u);
    let place = (vec2f(cell) - 1.0) / ${INTERVALS}.0;
    var sum = vec4f();
    for (var n = 0u; n < ${BORDER}u; n++) {
      let d = place - borderPlace(n);
      let square = dot(d, d) + ${SOFTNESS};
      sum += vec4f(closed[n].rgb, 1.0) / (square * square);
    }
    let light = plan.blotch * noise(region.seed, cell.x, cell.y, 0u);
    let tint = plan.blotch * ${BLOTCH_COLOUR_SHARE};
    let blotch = vec3f(0.0, tint * noise(region.seed, cell.x, cell.y, 1u), tint * noise(region.seed, cell.x, cell.y, 2u));
    gridsOut[group.x * ${CONTROLS}u + at] = vec4f(sum.rgb / sum.a + light + blotch, 1.0);
  }
}

@compute @workgroup_size(${THREADS})
fn sampleGrid(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let region = plan.regions[group.x];
  let cells = u32(region.cells);
  if (thread >= cells * cells) { return; }
  let cell = vec2u(thread % cells, thread / cells);
  let size = vec2f(region.rect.zw - region.rect.xy);
  var sum = vec3f();
  for (var b = 0u; b < ${POINTS}u; b++) {
    for (var a = 0u; a < ${POINTS}u; a++) {
      let t = (vec2f(cell) + (vec2f(vec2u(a, b)) + 0.5) / ${POINTS}.0) / f32(cells);
      sum += colourAt(region.rect.xy + vec2i(t * size));
    }
  }
  let light = ${NOISE}.0 * noise(region.seed, cell.x, cell.y, 0u);
  let tint = ${CHROMA_NOISE}.0 * vec3f(0.0, noise(region.seed, cell.x, cell.y, 1u), noise(region.seed, cell.x, cell.y, 2u));
  gridsOut[group.x * ${CONTROLS}u + thread] = vec4f(sum / ${POINTS * POINTS}.0 + light + tint, 1.0);
}

fn splineWeights(t: f32) -> vec4f {
  let s = 1.0 - t;
  return vec4f(s * s * s, 4.0 - 6.0 * t * t + 3.0 * t * t * t, 4.0 - 6.0 * s * s + 3.0 * s * s * s, t * t * t) / 6.0;
}

fn surface(r: u32, p: vec2i) -> vec3f {
  let region = plan.regions[r];
  let isFrost = plan.method == ${METHOD_CODES.frost}u;
  let side = select(region.cells, ${SIDE}, isFrost);
  let spacing = select(1.0 / f32(side), ${1 / INTERVALS}, isFrost);
  let origin = select(0.5 / f32(side), ${-1 / INTERVALS}, isFrost);
  let last = side - 1;
  let place = (vec2f(p) - region.box.xy) / region.box.zw;
  let position = clamp((place - origin) / spacing, vec2f(), vec2f(f32(last)));
  let base = min(vec2i(last - 1), vec2i(floor(position)));
  let wx = splineWeights(position.x - f32(base.x));
  let wy = splineWeights(position.y - f32(base.y));
  var sum = vec3f();
  for (var j = 0; j < 4; j++) {
    let row = clamp(base.y - 1 + j, 0, last) * side;
    for (var i = 0; i < 4; i++) {
      let at = r * ${CONTROLS}u + u32(row + clamp(base.x - 1 + i, 0, last));
      sum += wy[j] * wx[i] * gridsIn[at].rgb;
    }
  }
  let start = vec2i(i32(region.seed % ${GRAIN_SIDE}u), i32((region.seed >> 8u) % ${GRAIN_SIDE}u));
  let tile = (p - region.rect.xy + start) & vec2i(${GRAIN_SIDE - 1});
  return clamp(sum, vec3f(plan.grain + 1.0), vec3f(254.0 - plan.grain)) + plan.grain * grain[tile.y * ${GRAIN_SIDE} + tile.x];
}

fn cellOf(low: i32, high: i32, cells: i32, at: i32) -> i32 {
  var cell = 0;
  while (cell + 1 < cells && at >= low + i32(floor(f32((high - low) * (cell + 1)) / f32(cells) + 0.5))) { cell++; }
  return cell;
}

fn cover(r: u32, p: vec2i) -> vec3f {
  switch (plan.method) {
    case ${METHOD_CODES.solid}u: { return vec3f(${Math.round(SOLID_LEVEL * 255)}.0); }
    case ${METHOD_CODES.pixelate}u: {
      let region = plan.regions[r];
      let column = cellOf(region.rect.x, region.rect.z, region.cells, p.x);
      let row = cellOf(region.rect.y, region.rect.w, region.cells, p.y);
      return gridsIn[r * ${CONTROLS}u + u32(row * region.cells + column)].rgb;
    }
    default: { return surface(r, p); }
  }
}

/** Weight of a cover by distance from its rectangle along one axis: nearly all to nearly nothing. */
fn fade(beyond: i32, feather: i32) -> f32 {
  if (beyond <= 0) { return 1.0; }
  let t = 1.0 - f32(beyond) / f32(feather + 1);
  return t * t * (3.0 - 2.0 * t);
}

@vertex
fn wholePicture(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn paint(@builtin(position) at: vec4f) -> @location(0) vec4f {
  let isWhole = plan.magic == ${PLAN_MAGIC}u && plan.count <= arrayLength(&plan.regions) && plan.count * ${CONTROLS}u <= arrayLength(&gridsIn);
  if (!isWhole || any(textureDimensions(frame) != plan.size)) { return vec4f(vec3f(${SOLID_LEVEL}), 1.0); }
  let p = vec2i(at.xy);
  var colour = vec3f();
  var next = plan.count;
  while (next > 0u && !inside(plan.regions[next - 1u].rect, p)) { next--; }
  if (next > 0u) {
    colour = cover(next - 1u, p);
  } else {
    colour = colourAt(p);
  }
  if (plan.method == ${METHOD_CODES.frost}u || plan.method == ${METHOD_CODES.blur}u) {
    for (; next < plan.count; next++) {
      let region = plan.regions[next];
      let beyond = max(region.rect.xy - p, p - region.rect.zw + 1);
      if (any(beyond > vec2i(region.feather))) { continue; }
      colour = mix(colour, surface(next, p), fade(beyond.x, region.feather) * fade(beyond.y, region.feather));
    }
  }
  return vec4f(clamp(colour, vec3f(), vec3f(255.0)) / 255.0, 1.0);
}
`;
