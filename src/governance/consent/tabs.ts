import { isObject } from '../../core/options.ts';

/** What ledgers of one store tell each other. A message only ever makes the receiver stop or look again. */
export type TabMessage =
  | { readonly kind: 'changed'; readonly dataSubject: string }
  | { readonly kind: 'withdrawn'; readonly dataSubject: string }
  | { readonly kind: 'notice'; readonly noticeId: string; readonly noticeHash: string };

/** The line to the ledgers of the same store in other tabs. */
export interface Tabs {
  post(message: TabMessage): void;
  onMessage: ((message: TabMessage) => void) | null;
  close(): void;
}

/** Opens the line by BroadcastChannel; where there is none, live grants are held against the store from time to time. */
export function openTabs(storeName: string): Tabs {
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(`bauta-consent:${storeName}`) : null;
  const tabs: Tabs = {
    post: (message) => channel?.postMessage(message),
    onMessage: null,
    close: () => channel?.close(),
  };
  channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isTabMessage(data)) tabs.onMessage?.(data);
  });
  return tabs;
}

function isTabMessage(value: unknown): value is TabMessage {
  if (!isObject(value)) return false;
  const { kind } = value;
  const fields = kind === 'notice' ? ['noticeId', 'noticeHash'] : kind === 'changed' || kind === 'withdrawn' ? ['dataSubject'] : null;
  return fields !== null && fields.every((field) => typeof value[field] === 'string');
}
