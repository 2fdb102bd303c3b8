import type { Adapter, LoadReport, StageName, StatsReport } from 'bauta';
import { part } from './dom.ts';
import type { Language } from './language.ts';
import { LatencyPlot } from './latency-plot.ts';

const STAGES: readonly StageName[] = ['read', 'detect', 'track', 'plan', 'compose', 'write'];
const FRAME_MS = 1000 / 30;
const NONE = '–';

interface StageBar {
  readonly bar: HTMLElement;
  readonly mark: HTMLElement;
  readonly value: HTMLElement;
}

/** The numbers of the running session. */
export class StatsPanel {
  readonly #language: Language;
  readonly #plot: LatencyPlot;
  readonly #idle = part('numbers-idle', HTMLElement);
  readonly #measured = part('measured', HTMLElement);
  readonly #runningOn = part('running-on', HTMLElement);
  readonly #bars: ReadonlyMap<StageName, StageBar>;

  constructor(language: Language) {
    this.#language = language;
    this.#plot = new LatencyPlot(language);
    const list = part('stage-bars', HTMLDListElement);
    this.#bars = new Map(STAGES.map((stage) => [stage, stageBar(list, stage, language)]));
    this.clear();
  }

  /** A session has begun. */
  begin(engine: LoadReport, adapter: Adapter): void {
    this.clear();
    this.#idle.hidden = true;
    this.#measured.hidden = false;
    const language = this.#language;
    const text = (): string => {
      const name = engine.engine === 'fake' ? 'fake' : language.text(`engine_${engine.engine}`);
      const line = language.text('runningOn', {
        engine: name,
        adapter: language.text(`adapter_${adapter}`),
        seconds: language.number(engine.loadMs / 1000, 1),
      });
      return `${line} ${language.text(engine.cspEnforced ? 'policyYes' : 'policyNo')}`;
    };
    language.write(this.#runningOn, 'plain', { text });
  }

  show(stats: StatsReport, faces: number): void {
    const language = this.#language;
    const set = (id: string, text: string): void => {
      part(id, HTMLElement).textContent = text;
    };
    set('fps-out', language.number(stats.fpsOut, decimals(stats.fpsOut)));
    language.write(part('fps-in', HTMLElement), 'fpsIn', { in: language.number(stats.fpsIn, decimals(stats.fpsIn)) });
    set('latency-p50', `${language.number(stats.latencyMs.p50, 1)} ms`);
    set('latency-p95', `${language.number(stats.latencyMs.p95, 1)} ms`);
    set('faces-now', language.number(faces));
    set('frames-whole', language.number(stats.framesCoveredWhole));
    set('frames-dropped', language.number(stats.framesDropped));
    set('frames-open', language.number(stats.openFrames));
    set('looks', language.number(stats.looksPerFrame, 2));
    for (const [stage, { bar, mark, value }] of this.#bars) {
      const { p50, p95 } = stats.stagesMs[stage];
      bar.style.inlineSize = share(p50);
      mark.style.insetInlineStart = share(p95);
      value.textContent = `${language.number(p50, 1)} ms`;
    }
    this.#plot.push(stats.latencyMs);
  }

  /** Nothing runs: no number may look as if it did. */
  clear(): void {
    for (const id of ['fps-out', 'latency-p50', 'latency-p95', 'faces-now', 'frames-whole', 'frames-dropped', 'frames-open', 'looks']) {
      part(id, HTMLElement).textContent = NONE;
    }
    this.#language.write(part('fps-in', HTMLElement), null);
    this.#language.write(this.#runningOn, null);
    for (const { bar, mark, value } of this.#bars.values()) {
      bar.style.inlineSize = '0';
      mark.style.insetInlineStart = '0';
      value.textContent = NONE;
    }
    this.#idle.hidden = false;
    this.#measured.hidden = true;
    this.#plot.clear();
  }
}

function stageBar(list: HTMLElement, stage: StageName, language: Language): StageBar {
  const [row, name, value, track, bar, mark] = ['div', 'dt', 'dd', 'dd', 'span', 'span'].map((tag) => document.createElement(tag)) as [
    HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement,
  ];
  value.className = 'stage-value';
  track.className = 'stage-track';
  track.setAttribute('aria-hidden', 'true'); // The value says the same in words.
  bar.className = 'stage-fill';
  mark.className = 'stage-mark';
  track.append(bar, mark);
  row.append(name, track, value);
  list.append(row);
  language.write(name, `stage_${stage}`);
  return { bar, mark, value };
}

/** A slow machine is told from a stopped one. */
function decimals(perSecond: number): number {
  return perSecond < 10 ? 1 : 0;
}

function share(ms: number): string {
  return `${Math.min(100, (ms / FRAME_MS) * 100).toFixed(2)}%`;
}
