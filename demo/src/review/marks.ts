import type { Box } from 'bauta';
import { part } from '../dom.ts';
import { fitInside } from '../face-boxes.ts';
import type { Language } from '../language.ts';
import type { ShownBox, ShownCase, ShownSample } from './shown-case.ts';

/** A sample speaks for the time around it, no further than this. */
const SAMPLE_REACH_US = 250_000;

/** What lies over the picture: where faces were covered, and the places that people covered since, which cannot be seen through. */
export class Marks {
  readonly #language: Language;
  readonly #canvas = part('marks', HTMLCanvasElement);
  readonly #shown = part('show-marks', HTMLInputElement);
  #case: ShownCase | null = null;
  #boxes: readonly ShownBox[] = [];
  #timeUs = 0;

  constructor(language: Language) {
    this.#language = language;
    new ResizeObserver(() => { this.#draw(); }).observe(this.#canvas);
    this.#shown.addEventListener('change', () => { this.#draw(); });
    language.follow(() => { this.#draw(); });
  }

  show(shown: ShownCase | null): void {
    this.#case = shown;
    this.#canvas.hidden = shown === null;
    this.#draw();
  }

  set boxes(boxes: readonly ShownBox[]) {
    this.#boxes = boxes;
    this.#draw();
  }

  at(timeUs: number): void {
    this.#timeUs = timeUs;
    this.#draw();
  }

  #draw(): void {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const context = canvas.getContext('2d');
    if (context === null || this.#case === null || width === 0) return;
    const { item, timeline } = this.#case;
    const { scale, left, top } = fitInside(item, { width, height });
    const placed = (box: Box): [number, number, number, number] => [left + box.x * scale, top + box.y * scale, box.width * scale, box.height * scale];
    context.scale(devicePixelRatio, devicePixelRatio);
    context.fillStyle = '#06110f';
    for (const { box, fromUs, untilUs } of this.#boxes) {
      if (this.#timeUs >= fromUs && this.#timeUs < untilUs) context.fillRect(...placed(box));
    }
    if (!this.#shown.checked) return;
    context.font = '600 12px system-ui, sans-serif';
    context.textBaseline = 'top';
    for (const { trackId, box } of sampleAt(timeline.samples, this.#timeUs)?.tracks ?? []) {
      const [x, y, boxWidth, boxHeight] = placed(box);
      // A dark line under the light one: it has to be seen on any picture.
      for (const [colour, lineWidth] of [['#06110fcc', 4], ['#8fe0d1', 2]] as const) {
        context.strokeStyle = colour;
        context.lineWidth = lineWidth;
        context.strokeRect(x, y, boxWidth, boxHeight);
      }
      const label = this.#language.text('vTrack', { track: trackId });
      const labelY = Math.max(0, y - 19);
      context.fillStyle = '#06110fd9';
      context.fillRect(x - 1, labelY, context.measureText(label).width + 10, 18);
      context.fillStyle = '#e6fbf6';
      context.fillText(label, x + 4, labelY + 3);
    }
  }
}

/** The sample nearest to a time; samples are in order. */
function sampleAt(samples: readonly ShownSample[], timeUs: number): ShownSample | null {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.timeUs ?? Infinity) <= timeUs) low = middle + 1;
    else high = middle;
  }
  const near = [samples[low - 1], samples[low]].filter((sample) => sample !== undefined);
  const [nearest] = near.sort((a, b) => Math.abs(a.timeUs - timeUs) - Math.abs(b.timeUs - timeUs));
  return nearest !== undefined && Math.abs(nearest.timeUs - timeUs) <= SAMPLE_REACH_US ? nearest : null;
}
