import { chromium, type CDPSession } from '@playwright/test';
import { chromiumLaunchOptions } from '../../scripts/chromium.mjs';
import { CAMERA_CLIP } from './build.mjs';

/** A tab as the browser has it: one that is not in front is hidden. Playwright's pages always count as visible. */
export interface Tab {
  /** Runs `work` in the page, with `argument`; its promise is awaited. `act`: as if a person had clicked just now. */
  run<A, R>(work: (argument: A) => R | Promise<R>, argument: A, options?: { readonly act?: boolean }): Promise<R>;
  toFront(): Promise<void>;
}

/** Tabs of one window of a browser of their own, driven by the bare protocol. */
export interface TabWindow {
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  /** The call itself failed, as when the page was left meanwhile. */
  readonly error?: { readonly message: string };
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: { readonly exception?: { readonly description?: string } } };
}

/** Starts a browser with the fake camera on the clip. */
export async function openTabWindow(): Promise<TabWindow> {
  const browser = await chromium.launch(chromiumLaunchOptions({ camera: CAMERA_CLIP }));
  const session = await browser.newBrowserCDPSession();
  return {
    open: (url) => openTab(session, url),
    close: () => browser.close(),
  };
}

async function openTab(session: CDPSession, url: string): Promise<Tab> {
  const { targetId } = await session.send('Target.createTarget', { url });
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  session.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const answer = JSON.parse(event.message) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  const evaluate = async (expression: string, userGesture = false): Promise<unknown> => {
    const id = ++lastId;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    const params = { expression, awaitPromise: true, returnByValue: true, userGesture };
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method: 'Runtime.evaluate', params }) });
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(error.message);
    if (result?.exceptionDetails !== undefined) throw new Error(result.exceptionDetails.exception?.description ?? 'the page threw');
    return result?.result?.value;
  };
  // The tab begins with an empty page, whose code is lost when the asked one comes.
  const deadlineMs = Date.now() + 20_000;
  while ((await evaluate(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`).catch(() => false)) !== true) {
    if (Date.now() > deadlineMs) throw new Error(`the tab did not load ${url}`);
  }
  return {
    run: async (work, argument, { act = false } = {}) => (await evaluate(`(${work.toString()})(${JSON.stringify(argument)})`, act)) as never,
    toFront: async () => {
      await session.send('Target.activateTarget', { targetId });
    },
  };
}
