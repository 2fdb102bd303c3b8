/** An API of asynchronous functions, as it is called from another thread. */
export type Remote<Api extends object> = Readonly<Api>;

/** What goes along with an argument and is not copied. */
const TRANSFERS = new WeakMap<object, readonly Transferable[]>();

/** Marks an argument of a call: these parts of it move to the other thread. */
export function transfer<T extends object>(value: T, parts: readonly Transferable[]): T {
  TRANSFERS.set(value, parts);
  return value;
}

/** An answer as Comlink writes it. */
type Answer = { readonly id: string } & ({ readonly type: 'RAW'; readonly value: unknown } | { readonly type: 'HANDLER'; readonly value: { readonly value: Pick<Error, 'name' | 'message'> } });

/** Where calls go: a worker, or a port. */
export interface CallEndpoint {
  postMessage(message: unknown, transfers: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Answer | null>) => void, options: { readonly signal: AbortSignal }): void;
}

/**
 * The page's end of the calls that Comlink's `expose` answers in a worker, in the wire format of Comlink 4.4.2 (`src/protocol.ts` there), of which a page
 * needs a tenth: functions of an API by name, arguments and answers by structured clone.
 * @param until ends the listening; calls without an answer stay so, which the worker's host takes care of.
 */
export function callsTo<Api extends object>(endpoint: CallEndpoint, until: AbortSignal): Remote<Api> {
  const waiting = new Map<string, (answer: Answer) => void>();
  const hear = ({ data }: MessageEvent<Answer | null>): void => {
    waiting.get(data?.id ?? '')?.(data!);
  };
  endpoint.addEventListener('message', hear, { signal: until });
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      const argumentList = args.map((value) => ({ type: 'RAW', value }));
      endpoint.postMessage({ id, type: 'APPLY', path: [name], argumentList }, args.flatMap((value) => TRANSFERS.get(value as object) ?? []));
      waiting.set(id, (answer) => {
        waiting.delete(id);
        if (answer.type === 'RAW') resolve(answer.value);
        else reject(Object.assign(new Error(), answer.value.value));
      });
    });
  return new Proxy({} as Remote<Api>, { get: (_api, name) => (...args: unknown[]) => call(String(name), args) });
}
