import type { Milliseconds } from '../core/time.ts';
import type { Sighting } from '../core/visible-indicator.ts';
import { ancestorsOf, faultOf, type Legible } from './legible.ts';

/** Nine tenths of the indicator are on screen; the rest is left to rounding and thin scroll bars. */
const SHARE_ON_SCREEN = 0.9;
/** The shortest delay that browsers allow for `trackVisibility`. */
const OBSERVER_DELAY_MS: Milliseconds = 100;
/** How often is looked at what no observer tells: size, colours, masks; without an observer, everything. */
const LOOK_MS: Milliseconds = 250;

/** Part of the DOM that TypeScript's library does not know yet (Intersection Observer v2). */
type VisibilityEntry = IntersectionObserverEntry & { readonly isVisible?: boolean };

/** Watches whether an element can be seen. */
export interface VisibilityWatch {
  close(): void;
}

/** True where the browser itself tells whether something lies over an element (Chromium). */
export function hasVisibilityObserver(): boolean {
  return 'IntersectionObserverEntry' in globalThis && 'isVisible' in IntersectionObserverEntry.prototype;
}

/**
 * Watches by Intersection Observer v2: the browser compares what it paints, so that anything over the element counts,
 * also what lets clicks or light through, as do opacity, filters and transforms of any ancestor. What it does not tell
 * (size, contrast, masks) is looked at four times a second.
 */
export function watchByObserver(target: Legible, onSighting: (sighting: Sighting) => void): VisibilityWatch {
  let observed: Sighting = 'not-seen-yet';
  const tell = (): void => {
    if (document.visibilityState === 'hidden') return;
    onSighting(observed ?? faultOf(target));
  };
  const options = { threshold: [0, SHARE_ON_SCREEN, 1], trackVisibility: true, delay: OBSERVER_DELAY_MS };
  const observer = new IntersectionObserver((entries) => {
    const entry: VisibilityEntry | undefined = entries.at(-1);
    if (entry === undefined) return;
    if (!entry.isIntersecting || entry.intersectionRatio < SHARE_ON_SCREEN) observed = hasBox(target.plate) ? 'off-screen' : 'hidden';
    else observed = entry.isVisible === true ? null : 'covered';
    tell();
  }, options);
  observer.observe(target.plate);
  const timer = setInterval(tell, LOOK_MS);
  return {
    close() {
      observer.disconnect();
      clearInterval(timer);
    },
  };
}

/**
 * Watches by looking four times a second, where the browser has no such observer: box, style of every ancestor, and
 * what a click at nine points of the element would meet. Known gap: something over the element that lets clicks through
 * (`pointer-events: none`) is not noticed.
 */
export function watchByLooking(target: Legible, onSighting: (sighting: Sighting) => void): VisibilityWatch {
  const look = (): void => {
    if (document.visibilityState === 'visible') onSighting(lookAt(target));
  };
  const frame = requestAnimationFrame(look);
  const timer = setInterval(look, LOOK_MS);
  return {
    close() {
      cancelAnimationFrame(frame);
      clearInterval(timer);
    },
  };
}

function hasBox(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0;
}

function lookAt(target: Legible): Sighting {
  const { host, plate } = target;
  if (!host.isConnected) return 'removed';
  if (!hasBox(plate) || !isShown(host)) return 'hidden';
  const box = plate.getBoundingClientRect();
  const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
  const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
  if (width <= 0 || height <= 0 || width * height < SHARE_ON_SCREEN * box.width * box.height) return 'off-screen';
  const fault = faultOf(target);
  if (fault !== null) return fault;
  const scope = host.getRootNode() as Document | ShadowRoot;
  for (const x of [0.1, 0.5, 0.9]) {
    for (const y of [0.2, 0.5, 0.8]) {
      // A closed shadow root answers with its host, so the element itself is all that may come back.
      if (scope.elementFromPoint(box.left + x * box.width, box.top + y * box.height) !== host) return 'covered';
    }
  }
  return null;
}

/** Whether no style of the element or of what it lies in hides or changes it. */
function isShown(host: Element): boolean {
  for (const at of ancestorsOf(host)) {
    const { visibility, opacity, filter, clipPath } = getComputedStyle(at);
    if ((at === host && visibility !== 'visible') || Number(opacity) < 1 || filter !== 'none' || clipPath !== 'none') return false;
  }
  return true;
}
