/** What an element is made with, besides its children. */
export interface MakeProps {
  readonly class?: string;
  readonly text?: string;
  /** `data-tone`, which the styles turn into a colour. */
  readonly tone?: 'good' | 'bad' | 'plain';
}

/** Makes an element. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, props: MakeProps = {}, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class !== undefined) element.className = props.class;
  if (props.text !== undefined) element.textContent = props.text;
  if (props.tone !== undefined) element.dataset['tone'] = props.tone;
  element.append(...children);
  return element;
}

/** Makes a button that is no submit button. */
export function makeButton(text: string, onPress: () => void, kind = 'quiet'): HTMLButtonElement {
  const button = make('button', { class: kind, text });
  button.type = 'button';
  button.addEventListener('click', onPress);
  return button;
}

/** Makes a row of a `dl`. */
export function makeFact(name: string, value: string): HTMLElement {
  return make('div', {}, make('dt', { text: name }), make('dd', { text: value }));
}

/** Makes a labelled checkbox in a line of such. */
export function makeTick(value: string, text: string, checked: boolean): HTMLLabelElement {
  const box = make('input');
  box.type = 'checkbox';
  box.value = value;
  box.checked = checked;
  return make('label', { class: 'switch' }, box, make('span', { text }));
}

/** Makes the choice of a `select`. */
export function makeOption(value: string, text: string): HTMLOptionElement {
  const option = make('option', { text });
  option.value = value;
  return option;
}

/** The values that are ticked within an element. */
export function ticked(place: Element): string[] {
  return [...place.querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) => value);
}
