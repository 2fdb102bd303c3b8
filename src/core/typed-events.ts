/** An event with a payload; `type` is the key of the map it belongs to. */
export class DetailEvent<T> extends Event {
  readonly detail: T;
  constructor(type: string, detail: T) {
    super(type);
    this.detail = detail;
  }
}

/** `EventTarget` whose events and payloads are known: `Map` is event name -> payload. */
export class TypedEventTarget<Map extends object> {
  readonly #target = new EventTarget();

  /** Calls `listener` with a {@link DetailEvent} for each event of this type. */
  addEventListener<K extends keyof Map & string>(
    type: K,
    listener: (event: DetailEvent<Map[K]>) => void,
    options?: AddEventListenerOptions,
  ): void {
    this.#target.addEventListener(type, listener as (event: Event) => void, options);
  }

  /** Undoes {@link TypedEventTarget.addEventListener}. */
  removeEventListener<K extends keyof Map & string>(type: K, listener: (event: DetailEvent<Map[K]>) => void): void {
    this.#target.removeEventListener(type, listener as (event: Event) => void);
  }

  /** @internal Only the owner of the target sends events. */
  protected emit<K extends keyof Map & string>(type: K, detail: Map[K]): void {
    this.#target.dispatchEvent(new DetailEvent(type, detail));
  }
}
