import { unite, type Box, type CameraMotion, type Point, type Size } from '../../core/geometry.ts';

/**
 * Standard deviation of a detection's centre, in face sizes. One model jitters by 2-4 %, but models that take turns
 * frame the same face differently (full against back: up to 0.3 sizes apart on profiles, boxes 15-20 % larger). With
 * less, every change of model looks like a leap.
 */
const DETECTION_NOISE = 0.1;
/** The same for the logarithm of width and height. */
const LOG_SIZE_NOISE = 0.15;
/** How restless heads are: spectral density of the acceleration noise, face sizes² / s³. */
const RESTLESSNESS = 1;
/** The same for the logarithm of the size, 1 / s³. */
const LOG_SIZE_RESTLESSNESS = 1;
/** Speed a face may have when it is first seen, one standard deviation, face sizes per second. */
const FIRST_SPEED = 3;
/** An innovation beyond this many standard deviations is a manoeuvre: the filter believes the detection, not its past. */
const MANOEUVRE_SIGMA = 3;
/** Time constant with which the motion of a missing face settles, seconds. */
const SETTLE_S = 0.5;
/** Time constant with which the cover shrinks to a face that became smaller, seconds. */
const SHRINK_S = 0.5;
/** Fastest believable change of the logarithm of the size, 1 / s: one odd detection must not blow up the next frames. */
const MAX_LOG_SIZE_RATE = 0.7;
/** Standard deviations that {@link FaceMotion.uncertaintyPx} stands for. */
const UNCERTAINTY_SIGMA = 1.5;
/** Uncertainty added per second unseen, face sizes: "growing" holds even for a face that never moved. */
const UNSEEN_GROWTH = 0.25;
/** Bound of the uncertainty, and of the way between where it was seen and where it is expected that is covered, face sizes. */
const MAX_SPREAD = 0.4;
const MAX_MOVED = 1.25;
/** Shortest time a speed is derived from, seconds. */
const SHORTEST_STEP_S = 1 / 120;

/** One coordinate with its rate and their covariance: a constant-velocity Kalman filter. */
interface Axis {
  value: number;
  rate: number;
  varValue: number;
  covariance: number;
  varRate: number;
}

function createAxis(value: number, varValue: number, varRate: number): Axis {
  return { value, rate: 0, varValue, covariance: 0, varRate };
}

/** `settleTo`: the rate the axis relaxes to, or null to keep its own. White-noise acceleration, so exact for any `dtS`. */
function predictAxis(axis: Axis, dtS: number, density: number, settleTo: number | null): void {
  if (settleTo === null) {
    axis.value += axis.rate * dtS;
  } else {
    const keep = Math.exp(-dtS / SETTLE_S);
    const excess = axis.rate - settleTo;
    axis.value += settleTo * dtS + excess * SETTLE_S * (1 - keep);
    axis.rate = settleTo + excess * keep;
  }
  axis.varValue += 2 * axis.covariance * dtS + axis.varRate * dtS * dtS + (density * dtS ** 3) / 3;
  axis.covariance += axis.varRate * dtS + (density * dtS * dtS) / 2;
  axis.varRate += density * dtS;
}

function correctAxis(axis: Axis, measured: number, noise: number, sinceSeenS: number): void {
  const innovation = measured - axis.value;
  if (innovation * innovation > MANOEUVRE_SIGMA ** 2 * (axis.varValue + noise)) {
    const stepS = Math.max(sinceSeenS, SHORTEST_STEP_S);
    axis.varValue += innovation * innovation;
    axis.covariance += (innovation * innovation) / stepS;
    axis.varRate += (innovation / stepS) ** 2;
  }
  const spread = axis.varValue + noise;
  const gain = axis.varValue / spread;
  const rateGain = axis.covariance / spread;
  axis.value += gain * innovation;
  axis.rate += rateGain * innovation;
  axis.varRate = Math.max(0, axis.varRate - rateGain * axis.covariance);
  axis.varValue *= 1 - gain;
  axis.covariance *= 1 - gain;
}

/** How one face moves: where it is expected, how fast, how sure. All in display pixels and seconds. */
export interface FaceMotion {
  /** Before `predict`: moves all that is known along with the picture; null where its motion is not known. */
  carry(camera: CameraMotion | null, display: Size, dtS: number): void;
  /**
   * Moves the face on by `dtS`. A missing face follows every change of `common`, the motion all faces share (the
   * camera's), and what motion it had beside that dies down instead of running on.
   */
  predict(dtS: number, missing: boolean, common: Point): void;
  /** Takes in a detection. `cover` is what must be covered now; it contains `box`. */
  correct(box: Box, cover: Box): void;
  /** Grows the cover to hold this box now; it shrinks back slowly. */
  include(box: Box): void;
  /**
   * The cover: holds the latest detection entirely in the frame of that detection, grows at once and shrinks slowly.
   * Unseen, it reaches from where the face was seen to where it is expected, so that both "it stopped" and "it went on"
   * are covered.
   */
  readonly box: Box;
  /** The filtered face, for comparing with detections. */
  readonly expected: Box;
  /** In the picture. */
  readonly velocity: Point;
  /** Beside the camera's motion. */
  readonly ownVelocity: Point;
  /** Geometric mean of width and height. */
  readonly sizePx: number;
  /** 0 in the frame of a detection; then grows with time, up to a bound. */
  readonly uncertaintyPx: number;
}

/**
 * Starts following a face. One Kalman filter each for the centre's x and y and the logarithms of width and height.
 *
 * The cover is kept as four distances from the filtered centre. A detection pushes them out at once, so smoothing can
 * never lag behind a fast face; they come back with a time constant of half a second, so a jittering detector does not
 * make the cover breathe.
 */
export function createFaceMotion(box: Box, cover: Box): FaceMotion {
  let size = Math.sqrt(box.width * box.height);
  const noise = (DETECTION_NOISE * size) ** 2;
  const x = createAxis(box.x + box.width / 2, noise, (FIRST_SPEED * size) ** 2);
  const y = createAxis(box.y + box.height / 2, noise, (FIRST_SPEED * size) ** 2);
  const logWidth = createAxis(Math.log(box.width), LOG_SIZE_NOISE ** 2, 1);
  const logHeight = createAxis(Math.log(box.height), LOG_SIZE_NOISE ** 2, 1);
  const reach = { left: 0, right: 0, top: 0, bottom: 0 };
  let sinceSeenS = 0;
  let sigmaSeen = 0;
  let seenAt: Point = { x: x.value, y: y.value };
  let lastCommon: Point | null = null;
  let carried: Point = { x: 0, y: 0 };

  const sigma = (): number => Math.sqrt(Math.max(x.varValue, y.varValue));

  function expected(): Box {
    const width = Math.exp(logWidth.value);
    const height = Math.exp(logHeight.value);
    return { x: x.value - width / 2, y: y.value - height / 2, width, height };
  }

  function include(seen: Box): void {
    reach.left = Math.max(reach.left, x.value - seen.x);
    reach.right = Math.max(reach.right, seen.x + seen.width - x.value);
    reach.top = Math.max(reach.top, y.value - seen.y);
    reach.bottom = Math.max(reach.bottom, seen.y + seen.height - y.value);
  }

  function markSeen(seen: Box): void {
    const keep = Math.exp(-sinceSeenS / SHRINK_S);
    reach.left *= keep;
    reach.right *= keep;
    reach.top *= keep;
    reach.bottom *= keep;
    include(expected());
    include(seen);
    sinceSeenS = 0;
    sigmaSeen = sigma();
    seenAt = { x: x.value, y: y.value };
  }
  markSeen(cover);

  function scaleBy(scale: number): void {
    for (const axis of [x, y]) {
      axis.rate *= scale;
      axis.varValue *= scale * scale;
      axis.covariance *= scale * scale;
      axis.varRate *= scale * scale;
    }
    logWidth.value += Math.log(scale);
    logHeight.value += Math.log(scale);
    size *= scale;
    sigmaSeen *= scale;
    reach.left *= scale;
    reach.right *= scale;
    reach.top *= scale;
    reach.bottom *= scale;
  }

  return {
    carry(camera, display, dtS) {
      carried = { x: 0, y: 0 };
      if (camera === null) return;
      const { scale, shift } = camera;
      const moved = (from: Point): Point => ({
        x: display.width / 2 + scale * (from.x - display.width / 2) + shift.x,
        y: display.height / 2 + scale * (from.y - display.height / 2) + shift.y,
      });
      const to = moved({ x: x.value, y: y.value });
      if (dtS > 0) carried = { x: (to.x - x.value) / dtS, y: (to.y - y.value) / dtS };
      x.value = to.x;
      y.value = to.y;
      seenAt = moved(seenAt);
      scaleBy(scale);
    },
    predict(dtS, missing, common) {
      if (missing && lastCommon !== null) {
        x.rate += common.x - lastCommon.x;
        y.rate += common.y - lastCommon.y;
      }
      lastCommon = common;
      const speed = Math.hypot(x.rate, y.rate);
      const density = RESTLESSNESS * size * (size + speed / 2);
      predictAxis(x, dtS, density, missing ? common.x : null);
      predictAxis(y, dtS, density, missing ? common.y : null);
      const before = { width: logWidth.value, height: logHeight.value };
      predictAxis(logWidth, dtS, LOG_SIZE_RESTLESSNESS, 0);
      predictAxis(logHeight, dtS, LOG_SIZE_RESTLESSNESS, 0);
      // An approaching face takes its cover along; a receding one shrinks it only when it is seen again, and the cover
      // of a missing one grows by its uncertainty alone.
      const widen = missing ? 1 : Math.max(1, Math.exp(logWidth.value - before.width));
      const heighten = missing ? 1 : Math.max(1, Math.exp(logHeight.value - before.height));
      reach.left *= widen;
      reach.right *= widen;
      reach.top *= heighten;
      reach.bottom *= heighten;
      sinceSeenS += dtS;
    },
    correct(box, cover) {
      const measured = Math.sqrt(box.width * box.height);
      const centreNoise = (DETECTION_NOISE * Math.max(size, measured)) ** 2;
      correctAxis(x, box.x + box.width / 2, centreNoise, sinceSeenS);
      correctAxis(y, box.y + box.height / 2, centreNoise, sinceSeenS);
      correctAxis(logWidth, Math.log(box.width), LOG_SIZE_NOISE ** 2, sinceSeenS);
      correctAxis(logHeight, Math.log(box.height), LOG_SIZE_NOISE ** 2, sinceSeenS);
      for (const axis of [logWidth, logHeight]) {
        axis.rate = Math.min(MAX_LOG_SIZE_RATE, Math.max(-MAX_LOG_SIZE_RATE, axis.rate));
      }
      size = Math.exp((logWidth.value + logHeight.value) / 2);
      markSeen(cover);
    },
    include,
    get box() {
      const own = { x: x.value - reach.left, y: y.value - reach.top, width: reach.left + reach.right, height: reach.top + reach.bottom };
      const way: Point = { x: seenAt.x - x.value, y: seenAt.y - y.value };
      const length = Math.hypot(way.x, way.y);
      if (sinceSeenS === 0 || length === 0) return own;
      const share = Math.min(1, (MAX_MOVED * size) / length);
      return unite(own, { ...own, x: own.x + way.x * share, y: own.y + way.y * share });
    },
    get expected() {
      return expected();
    },
    get velocity() {
      return { x: x.rate + carried.x, y: y.rate + carried.y };
    },
    get ownVelocity() {
      return { x: x.rate, y: y.rate };
    },
    get sizePx() {
      return size;
    },
    get uncertaintyPx() {
      if (sinceSeenS === 0) return 0;
      const spread = UNCERTAINTY_SIGMA * Math.max(0, sigma() - sigmaSeen) + UNSEEN_GROWTH * size * sinceSeenS;
      return Math.min(spread, MAX_SPREAD * size);
    },
  };
}
