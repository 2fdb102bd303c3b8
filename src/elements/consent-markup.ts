/** What {@link h} may set on an element: attributes, and `onclick`-like listeners under their event's name. */
export interface Properties {
  readonly [attribute: string]: string | boolean | undefined | ((event: Event) => void);
}

/** One element with attributes, listeners and children. Text goes in as text only: a notice cannot bring markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (typeof value === 'boolean') element.toggleAttribute(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A description list; rows without a text are left out. */
export function rows(entries: readonly (readonly [term: string, text: string | readonly string[] | null | undefined])[]): HTMLDListElement {
  const list = h('dl', { part: 'rows' });
  for (const [term, text] of entries) {
    const texts = typeof text === 'string' ? [text] : (text ?? []);
    if (texts.length > 0) list.append(h('div', {}, h('dt', {}, term), ...texts.map((line) => h('dd', {}, line))));
  }
  return list;
}

/** A group of radio buttons of which none is chosen unless the person chose it here before. */
export interface ChoiceGroup<T extends string> {
  /** Unique in its form; also part of the `data-key` by which the focus finds a button again. */
  readonly name: string;
  readonly legend: string;
  /** Id of what the question is about. */
  readonly describedBy?: string;
  readonly hint?: string | undefined;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly chosen: T | undefined;
  readonly problem: string | null;
  readonly onChoose: (value: T) => void;
}

/** Radio buttons of equal size under their question, with the place for what is wrong. */
export function choiceGroup<T extends string>(group: ChoiceGroup<T>): HTMLFieldSetElement {
  const { name, legend, hint, options, chosen, problem } = group;
  const hintId = hint === undefined ? [] : [`${name}-hint`];
  const problemId = `${name}-problem`;
  const described = [...(group.describedBy === undefined ? [] : [group.describedBy]), ...hintId, problemId].join(' ');
  const radio = (value: T): HTMLElement => {
    const input = h('input', { type: 'radio', name, value, 'data-key': `${name}=${value}`, change: () => { group.onChoose(value); } });
    // The property, not the attribute: what a reset comes back to stays unchosen.
    input.checked = value === chosen;
    return input;
  };
  return h(
    'fieldset',
    { part: 'choices', role: 'radiogroup', 'aria-required': 'true', 'aria-invalid': String(problem !== null), 'aria-describedby': described },
    h('legend', {}, legend),
    hint === undefined ? null : h('p', { id: `${name}-hint`, class: 'hint' }, hint),
    h('div', { class: 'options' }, ...options.map(({ value, label }) => h('label', { part: 'choice' }, radio(value), h('span', {}, label)))),
    h('p', { id: problemId, part: 'problem', class: 'problem' }, problem ?? ''),
  );
}
