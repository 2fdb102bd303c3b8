import { test as base, type Page } from '@playwright/test';
import { fakeCameraFile } from '../../scripts/chromium.mjs';
import { at } from '../../scripts/paths.mjs';
import { serve } from '../../scripts/serve.mjs';
import { buildStage, CAMERA_CLIP, STAGE_FOLDER } from './build.mjs';
import type { Stage } from './page/stage.ts';

declare global {
  interface Window {
    readonly stage: Stage;
  }
}

/** What the stage's server is told to answer differently; for tests of faults. */
export type Intercept = NonNullable<Parameters<typeof serve>[0]['intercept']>;

/** The server under the tests. */
export interface StageServer {
  readonly url: string;
  /** Paths asked for, since the last `requests.length = 0`. */
  readonly requests: string[];
  /** Set to answer requests in another way; reset after each test. */
  intercept: Intercept | null;
}

async function startServer(): Promise<StageServer & { close(): Promise<void> }> {
  const requests: string[] = [];
  const server = {
    url: '',
    requests,
    intercept: null as Intercept | null,
    close: () => Promise.resolve(),
  };
  const { url, close } = await serve({
    routes: {
      '/': at('e2e', 'support', 'page'),
      '/stage/': STAGE_FOLDER,
      '/bauta/': at('dist'),
      '/clips/': at('.cache', 'clips'),
      '/photos/': at('node_modules', '@vladmandic', 'face-api', 'demo'),
      '/comlink/': at('node_modules', 'comlink', 'dist', 'esm'),
      '/canonicalize/': at('node_modules', 'canonicalize', 'lib'),
      '/idb/': at('node_modules', 'idb', 'build'),
      '/modules/': at('node_modules'),
    },
    onRequest: ({ path }) => {
      requests.push(path);
    },
    intercept: (request, response) => server.intercept?.(request, response) ?? false,
  });
  server.url = url;
  server.close = close;
  return server;
}

const withHands = new WeakSet<Page>();

/** Opens the stage in a page, which gets hands: `personActs()` in it is a click. */
export async function openStage(page: Page, server: StageServer): Promise<Page> {
  if (!withHands.has(page)) {
    withHands.add(page);
    await page.exposeFunction('personActs', () => page.mouse.click(1, 1));
  }
  await page.goto(server.url);
  await page.waitForFunction(() => 'stage' in window);
  return page;
}

/** Playwright's test with the fake camera on the clip, a server, and a page that has the library loaded. */
export const test = base.extend<{ stage: Page; server: StageServer }, { builtStage: true; sharedServer: StageServer }>({
  builtStage: [
    async ({}, use) => {
      await buildStage();
      await use(true);
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  launchOptions: [
    async ({ launchOptions }, use) => {
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), fakeCameraFile(CAMERA_CLIP)] });
    },
    { scope: 'worker' },
  ],
  sharedServer: [
    async ({ builtStage }, use) => {
      if (!builtStage) throw new Error('the stage is not built');
      const server = await startServer();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  server: async ({ sharedServer }, use) => {
    sharedServer.intercept = null;
    await use(sharedServer);
    sharedServer.intercept = null;
  },
  stage: async ({ page, server }, use) => {
    await use(await openStage(page, server));
  },
});

export { expect } from '@playwright/test';
