import { expectNothingLeft } from '../faults/endings.ts';
import { expect, test } from '../support/stage-test.ts';
import { openTabWindow } from '../support/tabs.ts';

type Scope = typeof globalThis & { readonly stage: typeof window.stage; hide: Record<string, () => () => void> };
type Opened = Awaited<ReturnType<typeof window.stage.open>>;

/** Ways to take an indicator out of sight; each answers how to undo it. */
const ways = (): void => {
  const { stage } = globalThis as Scope;
  const { indicator } = stage;
  (globalThis as Scope).hide = {
    removed: () => {
      indicator.remove();
      return () => { document.body.append(indicator); };
    },
    hidden: () => {
      document.body.style.opacity = '0';
      return () => { document.body.style.opacity = ''; };
    },
    covered: () => {
      const over = document.body.appendChild(document.createElement('div'));
      over.style.cssText = 'position: fixed; inset: 0; background: white; z-index: 1';
      return () => { over.remove(); };
    },
    'off screen': () => {
      indicator.style.bottom = '-500px';
      return () => { indicator.style.bottom = '8px'; };
    },
  };
};

test('capture starts with nothing but an indicator that is seen: missing, look-alike, unmounted, covered [TAF-5.1f]', async ({ stage: page }) => {
  await page.evaluate(ways);
  const { failures, deviceCalls } = await page.evaluate(async () => {
    const { stage, hide } = globalThis as Scope;
    const order = { detector: 'fake' };
    const track = new stage.FedTrack(() => { throw new Error('never asked'); }, 60_000).track;
    const element = document.createElement('video');
    element.srcObject = new MediaStream([track]);
    const failures: Record<string, string> = {};
    const note = async (name: string, start: () => unknown): Promise<void> => {
      const { name: kind, code, message } = await stage.failure(start);
      failures[name] = code ?? `${kind} ${/indicator is missing|indicator must be/.exec(message)?.[0] ?? message}`;
    };
    for (const source of [{ kind: 'camera' }, { kind: 'track', track }, { kind: 'element', element }] as const) {
      await note(`${source.kind} without`, () => stage.open({ source, order, indicator: undefined as never }));
    }
    const lookAlike = document.body.appendChild(document.createElement('div'));
    lookAlike.setAttribute('is', 'bauta-indicator');
    await note('look-alike', () => stage.open({ order, indicator: lookAlike as never }));
    await note('unmounted', () => stage.open({ order, indicator: stage.consent.newIndicator() }));
    const undo = hide['covered']!();
    await note('covered', () => stage.open({ order }));
    undo();
    return { failures, deviceCalls: stage.spied.deviceCalls };
  });
  expect(failures).toEqual({
    'camera without': 'TypeError indicator is missing',
    'track without': 'TypeError indicator is missing',
    'element without': 'TypeError indicator is missing',
    'look-alike': 'TypeError indicator must be',
    unmounted: 'ERR_INDICATOR_HIDDEN',
    covered: 'ERR_INDICATOR_HIDDEN',
  });
  expect(deviceCalls).toEqual([]);
  await expectNothingLeft(page);
});

test('removed, hidden, covered, off screen: capture ends where the notice says stop [TAF-5.1f]', async ({ stage: page }) => {
  await page.evaluate(ways);
  const causes = await page.evaluate(async () => {
    const { stage, hide } = globalThis as Scope;
    const causes: Record<string, string> = {};
    for (const [name, way] of Object.entries(hide)) {
      const opened = await stage.open({ order: { detector: 'fake' } });
      const undo = way();
      const cause = await opened.closed;
      causes[name] = `${cause ?? ''} ${stage.leftovers().camerasLive}`;
      undo();
    }
    return causes;
  });
  expect(causes).toEqual({ removed: 'ERR_INDICATOR_HIDDEN 0', hidden: 'ERR_INDICATOR_HIDDEN 0', covered: 'ERR_INDICATOR_HIDDEN 0', 'off screen': 'ERR_INDICATOR_HIDDEN 0' });
  await expectNothingLeft(page);
});

test('removed, hidden, covered, off screen: every frame is covered where the notice says cover, and comes back by itself [TAF-5.1f]', async ({ stage: page }) => {
  await page.evaluate(ways);
  const { seen, states, notes, app } = await page.evaluate(async () => {
    const { stage, hide } = globalThis as Scope;
    const ledger = await stage.consent.openLedger({ whenNotVisible: 'cover' });
    const opened = await stage.open({ grant: await stage.consent.grantFrom(ledger), order: { detector: 'fake' } });
    const { recorder, session } = opened;
    const flat = (from: number): boolean[] => recorder.frames.slice(from).map(({ luma }) => stage.isFlatPerRow(luma));
    const shows = (): Promise<void> => {
      const from = recorder.frames.length;
      return stage.until(() => flat(from).includes(false), 'an uncovered frame');
    };
    await shows();
    const seen: Record<string, boolean> = {};
    for (const [name, way] of Object.entries(hide)) {
      const undo = way();
      await stage.until(() => session.state === 'paused', `${name}: covered`);
      // Frames that had left the worker by then may still come in.
      const atCover = recorder.frames.length + 3;
      await stage.until(() => recorder.frames.length >= atCover + 3, 'three frames more');
      seen[name] = flat(atCover).every(Boolean);
      undo();
      await stage.until(() => session.state === 'running', `${name}: running again`);
      await shows();
    }
    // The app's own pause outlives what the rule adds and takes away, and its resume does not lift the rule.
    await session.pause();
    const undo = hide['covered']!();
    await stage.until(() => opened.events.filter(({ type }) => type === 'state').length === 10, 'the cause of the rule');
    await session.resume();
    const app = [session.state];
    undo();
    await stage.until(() => session.state === 'running', 'running at last');
    await session.close();
    const states = opened.events.filter(({ type }) => type === 'state').map(({ detail }) => {
      const { state, cause } = detail as { state: string; cause: { code?: string } | null };
      return cause === null ? state : `${state} ${cause.code ?? ''}`;
    });
    const notes = (await ledger.auditLog()).map(({ code }) => code).filter((code) => code.startsWith('capture.'));
    return { seen, states, notes, app };
  });
  expect(seen).toEqual({ removed: true, hidden: true, covered: true, 'off screen': true });
  const round = ['paused ERR_INDICATOR_HIDDEN', 'running'];
  expect(states).toEqual([...round, ...round, ...round, ...round, 'paused', 'paused ERR_INDICATOR_HIDDEN', 'running', 'closed']);
  expect(app).toEqual(['paused']);
  const covered = Array.from({ length: 5 }, () => ['capture.covered', 'capture.uncovered']).flat();
  expect(notes).toEqual(['capture.started', ...covered, 'capture.stopped']);
  await expectNothingLeft(page);
});

test('page hidden: capture ends, or is covered and comes back, as the notice says [TAF-5.1f]', async ({ sharedServer }) => {
  const tabs = await openTabWindow();
  const tab = await tabs.open(sharedServer.url);
  await tab.run(async () => {
    while (!('stage' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 20));
  }, null);
  await tab.run(async () => {
    const scope = globalThis as Scope & { ending: Opened; covering: Opened };
    const { stage } = scope;
    const order = { detector: 'fake' };
    const from = async (inBackground: 'stop' | 'cover') => stage.consent.grantFrom(await stage.consent.openLedger({ inBackground }));
    // A track that shows nothing will do for the one that ends; the camera is the other's.
    const { track } = new stage.ClipTrack(await stage.clip());
    scope.ending = await stage.open({ grant: await from('stop'), order, source: { kind: 'track', track } });
    scope.covering = await stage.open({ grant: await from('cover'), order });
    await stage.until(() => scope.covering.recorder.count >= 3, '3 frames');
  }, null, { act: true });
  const other = await tabs.open('about:blank');
  await other.toFront();
  const hidden = await tab.run(async () => {
    const { stage, ending, covering } = globalThis as Scope & { ending: Opened; covering: Opened };
    const cause = await ending.closed;
    await stage.until(() => covering.session.state === 'paused', 'covered');
    const at = covering.recorder.frames.length + 3;
    await stage.until(() => covering.recorder.frames.length >= at + 3, 'three frames more');
    return { cause, flat: covering.recorder.frames.slice(at).every(({ luma }) => stage.isFlatPerRow(luma)) };
  }, null);
  await tab.toFront();
  const back = await tab.run(async () => {
    const { stage, covering } = globalThis as Scope & { covering: Opened };
    await stage.until(() => covering.session.state === 'running', 'running again');
    await covering.session.close();
    return covering.events.filter(({ type }) => type === 'state').map(({ detail }) => (detail as { cause: { code?: string } | null }).cause?.code ?? null);
  }, null);
  await tabs.close();
  expect(hidden).toEqual({ cause: 'ERR_PAGE_HIDDEN', flat: true });
  expect(back).toEqual(['ERR_PAGE_HIDDEN', null, null]);
});
