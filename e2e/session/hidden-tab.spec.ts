import { expect, test } from '../support/stage-test.ts';
import { openTabWindow } from '../support/tabs.ts';

type Opened = Awaited<ReturnType<typeof window.stage.open>>;
type Scope = typeof globalThis & { readonly stage: typeof window.stage; opened: Opened };

for (const adapter of ['stream', 'element'] as const) {
  test(`a hidden tab, ${adapter} adapter: ${adapter === 'stream' ? 'redacted frames go on' : 'no frame is made, they come back with the tab'}, none is raw`, async ({ sharedServer }) => {
    test.setTimeout(180_000);
    const tabs = await openTabWindow();
    const tab = await tabs.open(sharedServer.url);
    await tab.run(async () => {
      while (!('stage' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 20));
    }, null);
    await tab.run(async (adapter) => {
      const scope = globalThis as Scope;
      scope.opened = await scope.stage.open({ adapter });
      await scope.stage.until(() => scope.opened.recorder.count >= 5, '5 frames');
    }, adapter, { act: true });
    const other = await tabs.open('about:blank');
    await other.toFront();
    const hidden = await tab.run(async (adapter) => {
      const { stage, opened } = globalThis as Scope;
      await stage.until(() => document.visibilityState === 'hidden', 'the tab to be hidden');
      const from = opened.recorder.count;
      if (adapter === 'stream') await stage.until(() => opened.recorder.count >= from + 10, '10 frames while hidden');
      return { before: stage.spied.handles.length, state: opened.session.state };
    }, adapter);
    expect(hidden.state).toBe('running');
    await tab.toFront();
    const result = await tab.run(async () => {
      const { stage, opened } = globalThis as Scope;
      await stage.until(() => document.visibilityState === 'visible', 'the tab to be back');
      const from = opened.recorder.count;
      await stage.until(() => opened.recorder.count >= from + 5, '5 frames afterwards');
      await opened.session.close();
      const first = opened.recorder.frames.findIndex(({ displayWidth }) => displayWidth === 1280);
      const { leaks, frames } = await stage.judged(opened, first);
      return { leaks, frames, pixelCalls: stage.spied.pixelCalls, left: stage.leftovers() };
    }, null);
    expect(result.frames).toBeGreaterThan(5);
    expect(result).toMatchObject({ leaks: [], pixelCalls: [], left: { camerasLive: 0, outputsLive: 0 } });
    await tabs.close();
  });
}
