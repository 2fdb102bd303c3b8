import type { Quantiles } from 'bauta';
import { part } from './dom.ts';
import type { Language } from './language.ts';

const SPAN_MS = 60_000;
const FRAME_MS = 1000 / 30;
const PADDING_PX = 6;

interface Sample extends Quantiles {
  readonly atMs: number;
}

/** Median and 95th percentile of the added latency over the last minute, as a drawing and in words. */
export class LatencyPlot {
  readonly #canvas = part('latency-plot', HTMLCanvasElement);
  readonly #words = part('latency-text', HTMLElement);
  readonly #language: Language;
  #samples: Sample[] = [];

  constructor(language: Language) {
    this.#language = language;
    new ResizeObserver(() => {
      this.#draw();
    }).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#draw();
    });
    language.follow(() => {
      this.#tell();
      this.#draw();
    });
  }

  push(latency: Quantiles): void {
    const atMs = performance.now();
    this.#samples.push({ atMs, p50: latency.p50, p95: latency.p95 });
    this.#samples = this.#samples.filter((sample) => sample.atMs > atMs - SPAN_MS);
    this.#tell();
    this.#draw();
  }

  clear(): void {
    this.#samples = [];
    this.#tell();
    this.#draw();
  }

  #tell(): void {
    const last = this.#samples.at(-1);
    if (last === undefined) {
      this.#language.write(this.#words, 'latencyPlotEmpty');
      return;
    }
    this.#language.write(this.#words, 'latencyPlotText', {
      count: this.#samples.length,
      p50: this.#language.number(last.p50, 1),
      p95: this.#language.number(last.p95, 1),
      highest: this.#language.number(Math.max(...this.#samples.map(({ p95 }) => p95)), 1),
    });
  }

  #draw(): void {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0 || height === 0) return;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(canvas);
    const colour = (name: string): string => style.getPropertyValue(name);
    const topMs = Math.max(FRAME_MS * 1.5, ...this.#samples.map(({ p95 }) => p95 * 1.15));
    const now = this.#samples.at(-1)?.atMs ?? 0;
    const x = (atMs: number): number => width - PADDING_PX - ((now - atMs) / SPAN_MS) * (width - 2 * PADDING_PX);
    const y = (ms: number): number => height - PADDING_PX - (ms / topMs) * (height - 2 * PADDING_PX);

    // The mark to compare with: how long one frame lasts.
    context.strokeStyle = colour('--line-strong');
    context.setLineDash([3, 4]);
    context.beginPath();
    context.moveTo(0, y(FRAME_MS));
    context.lineTo(width, y(FRAME_MS));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour('--ink-soft');
    context.font = '11px system-ui, sans-serif';
    context.fillText(this.#language.text('oneFrame'), PADDING_PX, y(FRAME_MS) - 5);

    this.#line(context, (sample) => [x(sample.atMs), y(sample.p95)], colour('--ink-soft'), 1.5);
    this.#line(context, (sample) => [x(sample.atMs), y(sample.p50)], colour('--accent'), 2.5);
  }

  #line(context: CanvasRenderingContext2D, pointOf: (sample: Sample) => [number, number], colour: string, width: number): void {
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = width;
    context.lineJoin = 'round';
    context.beginPath();
    for (const sample of this.#samples) context.lineTo(...pointOf(sample));
    context.stroke();
    const last = this.#samples.at(-1);
    if (last === undefined) return;
    context.beginPath();
    context.arc(...pointOf(last), width + 0.5, 0, 2 * Math.PI);
    context.fill();
  }
}
