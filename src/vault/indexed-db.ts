import type { DBSchema, IDBPDatabase, OpenDBCallbacks } from 'idb';

// IndexedDB with promises, in the shape and with the types of `idb`, and a third of its size: every page carries it. What of that shape is here is what the
// stores use: requests as promises, `tx.done`, `tx.store`, single operations on a database, and cursors that are advanced or iterated.

const SINGLE = /^(get|getKey|getAll|getAllKeys|count|put|add|delete|clear)(FromIndex)?$/;
const WRITES = /^(put|add|delete|clear)$/;
const ADVANCES = /^(advance|continue|continuePrimaryKey)$/;

type Anything = Readonly<Record<PropertyKey, unknown>>;
type Method = (...args: unknown[]) => unknown;

/** Proxies by what is behind them, so that equal stays equal. */
const PROXIES = new WeakMap<object, object>();
const DONE = new WeakMap<IDBTransaction, Promise<void>>();

/** As `openDB` of `idb`. The caller closes it. @throws the browser's error. */
export function openDB<Schema extends DBSchema>(name: string, version: number, callbacks: Pick<OpenDBCallbacks<Schema>, 'upgrade' | 'blocked' | 'blocking' | 'terminated'>): Promise<IDBPDatabase<Schema>> {
  const { upgrade, blocked, blocking, terminated } = callbacks;
  const request = indexedDB.open(name, version);
  const opened = settled(request) as Promise<IDBPDatabase<Schema>>;
  request.addEventListener('upgradeneeded', (event) => {
    upgrade?.(wrap(request.result) as never, event.oldVersion, event.newVersion, wrap(request.transaction) as never, event);
  });
  request.addEventListener('blocked', (event) => {
    blocked?.((event).oldVersion, (event).newVersion, event);
  });
  request.addEventListener('success', () => {
    request.result.addEventListener('close', () => { terminated?.(); });
    request.result.addEventListener('versionchange', (event) => { blocking?.(event.oldVersion, event.newVersion, event); });
  });
  return opened;
}

function settled(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A request that gave a cursor succeeds anew each time that it is advanced.
    request.addEventListener('success', () => { resolve(wrap(request.result)); }, { once: true });
    request.addEventListener('error', () => { reject(request.error ?? new DOMException('The request failed.')); }, { once: true });
  });
}

function wrap(value: unknown): unknown {
  if (value instanceof IDBRequest) return settled(value);
  if (!(value instanceof IDBDatabase || value instanceof IDBTransaction || value instanceof IDBObjectStore || value instanceof IDBIndex || value instanceof IDBCursor)) return value;
  const known = PROXIES.get(value);
  if (known !== undefined) return known;
  if (value instanceof IDBTransaction) DONE.set(value, doneOf(value));
  const proxy = new Proxy(value, { get: (target, key) => read(target, String(key), key) });
  PROXIES.set(value, proxy);
  return proxy;
}

function doneOf(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => { reject(tx.error ?? new DOMException('The transaction was aborted.', 'AbortError')); };
    tx.addEventListener('complete', () => { resolve(); });
    tx.addEventListener('error', fail);
    tx.addEventListener('abort', fail);
  });
}

function read(target: object, name: string, key: PropertyKey): unknown {
  if (target instanceof IDBTransaction) {
    if (name === 'done') return DONE.get(target);
    if (name === 'store') return wrap(target.objectStore(target.objectStoreNames[0]!));
  }
  if (target instanceof IDBDatabase && !(key in target)) {
    const [, operation, onIndex] = SINGLE.exec(name) ?? [];
    if (operation !== undefined) return (store: string, ...args: unknown[]) => single(target, store, operation, onIndex === undefined ? null : String(args.shift()), args);
  }
  if (key === Symbol.asyncIterator) return () => cursorsOf(target as IDBObjectStore | IDBIndex);
  const value = (target as Anything)[key];
  if (typeof value !== 'function') return wrap(value);
  if (target instanceof IDBCursor && ADVANCES.test(name)) {
    return (...args: unknown[]) => {
      const { request } = target;
      const next = settled(request);
      (value as Method).apply(target, args);
      return next;
    };
  }
  return (...args: unknown[]) => wrap((value as Method).apply(target, args));
}

/** One operation in a transaction of its own; a write is done when the transaction is. */
async function single(db: IDBDatabase, storeName: string, operation: string, index: string | null, args: readonly unknown[]): Promise<unknown> {
  const isWrite = WRITES.test(operation);
  const tx = db.transaction(storeName, isWrite ? 'readwrite' : 'readonly');
  const done = isWrite ? doneOf(tx) : null;
  const store = tx.objectStore(storeName);
  const on = (index === null ? store : store.index(index)) as unknown as Readonly<Record<string, (...args: readonly unknown[]) => IDBRequest>>;
  const [answer] = await Promise.all([settled(on[operation]!(...args)), done]);
  return answer;
}

async function* cursorsOf(source: IDBObjectStore | IDBIndex): AsyncGenerator<unknown> {
  for (let cursor = (await settled(source.openCursor())) as IDBCursor | null; cursor !== null; cursor = (await (cursor.continue() as unknown)) as IDBCursor | null) yield cursor;
}
