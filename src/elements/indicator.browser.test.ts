import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { indicatorOf, type IndicatorLink, type Sighting } from '../core/visible-indicator.ts';
import { BautaIndicator, defineIndicator } from './indicator.ts';

/** Other work may take the machine for seconds. */
const PATIENCE = { timeout: 15_000 };

defineIndicator();

let indicator: BautaIndicator;
let frame: HTMLElement;
let link: IndicatorLink;
let heard: Sighting[];

function linkTo(element: BautaIndicator): IndicatorLink {
  heard = [];
  return indicatorOf(element)!.link((sighting) => heard.push(sighting));
}

// The runner shows its page scaled down, which counts, rightly, as a change to what is seen.
const runner = window.frameElement!.parentElement!;
const { transform } = runner.style;
beforeAll(() => { runner.style.transform = 'none'; });
afterAll(() => { runner.style.transform = transform; });

beforeEach(() => {
  document.body.style.margin = '0';
  document.documentElement.lang = 'en';
  frame = document.body.appendChild(document.createElement('div'));
  frame.style.cssText = 'position: fixed; left: 20px; top: 20px;';
  indicator = frame.appendChild(document.createElement('bauta-indicator'));
});

afterEach(() => {
  link.close();
  document.body.replaceChildren();
});

const becomes = (sighting: Sighting): Promise<void> => vi.waitFor(() => { expect(link.sighting).toBe(sighting); }, { ...PATIENCE, interval: 10 });

function overlay(css: string): HTMLElement {
  const element = document.body.appendChild(document.createElement('div'));
  element.style.cssText = `position: fixed; ${css}`;
  return element;
}

type Hide = () => () => void;
const style = (target: () => HTMLElement, css: string): Hide => () => {
  const element = target();
  const before = element.style.cssText;
  element.style.cssText += css;
  return () => { element.style.cssText = before; };
};
const host = (): HTMLElement => indicator;
const wrapper = (): HTMLElement => frame;

const HIDINGS: readonly (readonly [name: string, hide: Hide, seen: readonly Sighting[]])[] = [
  ['removed', () => { indicator.remove(); return () => { frame.append(indicator); }; }, ['removed']],
  ['display: none around it', style(wrapper, 'display: none'), ['hidden']],
  ['visibility: hidden around it', style(wrapper, 'visibility: hidden !important'), ['hidden', 'covered']],
  ['opacity 0', style(host, 'opacity: 0'), ['hidden', 'covered']],
  ['opacity 0.2 around it', style(wrapper, 'opacity: 0.2'), ['hidden', 'covered']],
  ['zero size', style(wrapper, 'width: 0; height: 0; overflow: hidden'), ['off-screen', 'hidden', 'covered']],
  ['tiny by a transform', style(host, 'transform: scale(0.1)'), ['too-small', 'covered']],
  ['tiny letters', style(host, '--bauta-indicator-font: 4px sans-serif'), ['too-small']],
  ['scrolled off', style(wrapper, 'top: 200vh'), ['off-screen']],
  ['moved off by a transform', style(host, 'transform: translateX(-5000px)'), ['off-screen']],
  ['clipped', style(host, 'clip-path: inset(50%)'), ['hidden', 'off-screen', 'covered']],
  ['blurred', style(host, 'filter: blur(20px)'), ['hidden', 'covered']],
  ['masked', style(wrapper, 'mask-image: linear-gradient(transparent, transparent)'), ['covered']],
  ['covered wholly', () => { const over = overlay('inset: 0; background: white; z-index: 9'); return () => { over.remove(); }; }, ['covered']],
  ['covered in one corner', () => { const over = overlay('left: 0; top: 0; width: 60px; height: 60px; background: black'); return () => { over.remove(); }; }, ['covered']],
  ['letters of the colour of the ground', style(host, '--bauta-indicator-text: #0a1110'), ['unreadable']],
  ['a colour that is none', style(host, '--bauta-indicator-text: nonsense'), ['unreadable']],
];

for (const path of ['observer', 'looking'] as const) {
  describe(`watched by ${path}`, () => {
    const isVisible = Object.getOwnPropertyDescriptor(IntersectionObserverEntry.prototype, 'isVisible')!;

    beforeEach(async () => {
      if (path === 'looking') Reflect.deleteProperty(IntersectionObserverEntry.prototype, 'isVisible');
      link = linkTo(indicator);
      expect(link.sighting).toBe('not-seen-yet');
      await becomes(null);
    });

    afterEach(() => {
      Object.defineProperty(IntersectionObserverEntry.prototype, 'isVisible', isVisible);
    });

    it.each(HIDINGS)('%s: not seen, and seen again when undone [TAF-5.1f]', async (name, hide, allowed) => {
      const undo = hide();
      await vi.waitFor(() => { expect(link.sighting, name).not.toBeNull(); }, { ...PATIENCE, interval: 10 });
      expect(allowed, `seen as ${String(link.sighting)}`).toContain(link.sighting);
      undo();
      await becomes(null);
    });
  });
}

it('something that lets clicks and light through counts as covering, where the browser compares what it paints [TAF-5.1f]', async () => {
  link = linkTo(indicator);
  await becomes(null);
  const over = overlay('inset: 0; pointer-events: none');
  await becomes('covered');
  over.remove();
  await becomes(null);
});

it('is told of removal in the same turn [TAF-5.1f]', async () => {
  link = linkTo(indicator);
  await becomes(null);
  indicator.remove();
  expect(link.sighting).toBe('removed');
  expect(heard.at(-1)).toBe('removed');
});

it('an element that was never mounted is not seen', () => {
  link = linkTo(document.createElement('bauta-indicator'));
  expect(link.sighting).toBe('removed');
});

it('nothing but the class itself is an indicator [TAF-5.1f]', () => {
  link = linkTo(indicator);
  class Fake extends BautaIndicator {}
  customElements.define('fake-indicator', Fake);
  const lookAlike = Object.create(indicator) as unknown;
  for (const value of [document.createElement('div'), document.createElement('fake-indicator'), lookAlike, null, 'bauta-indicator', { ...indicator }]) {
    expect(indicatorOf(value)).toBeNull();
  }
  expect(indicatorOf(indicator)).not.toBeNull();
});

it('keeps its inside to itself', () => {
  link = linkTo(indicator);
  expect(indicator.shadowRoot).toBeNull();
});

it('stops watching when nobody wants to know', async () => {
  link = linkTo(indicator);
  await becomes(null);
  link.close();
  frame.style.display = 'none';
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(heard).toEqual([null]);
});

describe('what it shows', () => {
  const height = (): number => indicator.getBoundingClientRect().height;

  it('fits its words in both languages and all states', async () => {
    link = linkTo(indicator);
    for (const lang of ['zh-CN', 'en']) {
      document.documentElement.lang = lang;
      for (const state of ['off', 'on', 'covered'] as const) {
        link.show(state);
        await becomes(null);
        expect(indicator.getBoundingClientRect().width).toBeGreaterThan(90);
      }
    }
  });

  it('shows the sign of the notice in kiosk mode, in the language of the page [MEG-sign]', async () => {
    link = linkTo(indicator);
    const before = height();
    indicator.toggleAttribute('kiosk', true);
    const large = height();
    expect(large).toBeGreaterThan(before);
    const sign = { 'zh-CN': '本区域正在进行视频采集', en: 'This area is filmed.\nFaces are covered.\nAsk at the desk.' };
    indicator.notice = { languages: ['zh-CN', 'en'], sign } as unknown as NonNullable<BautaIndicator['notice']>;
    const english = height();
    expect(english).toBeGreaterThan(large);
    document.documentElement.lang = 'zh-CN';
    await vi.waitFor(() => { expect(height()).toBeLessThan(english); }, PATIENCE);
    await becomes(null);
  });
});
