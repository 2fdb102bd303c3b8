import { REFUSAL_REASONS, type KeptItem, type ListedRequest, type RightsCorrection } from 'bauta/rights';
import type { Language } from '../language.ts';
import { make, makeFact, makeOption } from '../review/make.ts';
import { moment } from '../review/times.ts';
import { saveFile } from '../save-file.ts';
import type { RequestActions, RequestWork } from './work.ts';

/** What a card is made of. */
export interface CardParts {
  readonly language: Language;
  readonly request: ListedRequest;
  readonly work: RequestWork | null;
  readonly actions: RequestActions;
  /** `person`: of the person who asked; `staff`: for whoever answers; `reader`: to be read only. */
  readonly side: 'person' | 'staff' | 'reader';
  /** What could be put right, where that was asked for. */
  readonly correctable: readonly KeptItem[];
}

/** A request: where it stands, by when it is due, and what can be done now. */
export function requestCard(parts: CardParts): HTMLLIElement {
  const { language, request, side } = parts;
  const { requestId, right, state, overdue, receivedAt, deadline, endedAt, identity, refusal, dataSubject } = request;
  const lifted = state === 'retracted' && request.receiptId !== null;
  const title = make('h3', { text: language.text(`qRight_${right}`) });
  title.id = `${side}-${requestId}`;
  title.tabIndex = -1;
  const badge = make('span', { class: 'badge', text: language.text(lifted ? 'qState_lifted' : `qState_${state}`), tone: state === 'completed' ? 'good' : state === 'refused' ? 'bad' : 'plain' });
  const late = overdue ? [make('span', { class: 'badge', text: language.text('qOverdue'), tone: 'bad' })] : [];
  const facts = make(
    'dl',
    { class: 'request-facts' },
    makeFact(language.text('qReceivedAt'), moment(language, receivedAt)),
    endedAt === null ? makeFact(language.text('qDeadline'), moment(language, deadline)) : makeFact(language.text('qEndedAt'), moment(language, endedAt)),
    makeFact(language.text('qIdentity'), identity === null ? language.text('qIdentity_none') : language.text(`qIdentity_${identity.outcome}`, { method: identity.method })),
    ...(refusal === null ? [] : [makeFact(language.text('qRefuseWhy'), language.text(`qRefusal_${refusal}`))]),
    ...(side === 'person' ? [] : [wide(makeFact(language.text('qSubject'), dataSubject))]),
    wide(makeFact(language.text('qRequestId'), requestId)),
  );
  const card = make('li', { class: 'request' }, make('div', { class: 'request-head' }, title, badge, ...late), facts, ...outcomeOf(parts), ...actionsOf(parts));
  card.setAttribute('aria-labelledby', title.id);
  return card;
}

function outcomeOf({ language, work }: CardParts): Node[] {
  const result = work?.result ?? null;
  if (result === null) return [];
  const { receipt, erasures, copy } = result;
  const left = Object.values(receipt.left).reduce((sum, count) => sum + count, 0);
  const lines = [make('p', { class: 'hint', text: language.text('qOutcomeText', { done: receipt.done, left }) })];
  const sum = (kind: 'keys' | 'media' | 'templates'): number => erasures.reduce((total, { erased }) => total + erased[kind], 0);
  if (erasures.length > 0) lines.push(make('p', { class: 'hint', text: language.text('qErasedText', { keys: sum('keys'), media: sum('media'), templates: sum('templates') }) }));
  if (copy !== null) lines.push(make('p', { class: 'hint', text: language.text('qCopyHint') }));
  return lines;
}

function actionsOf(parts: CardParts): Node[] {
  const { language, request, work, actions, side } = parts;
  const { requestId, right, state } = request;
  const key = (name: string, text: string, onPress: () => void, look = 'quiet'): HTMLButtonElement => keyed(`${side}:${requestId}:${name}`, text, onPress, look);
  if (work !== null && work.abort !== null) {
    const { done = 0, total = 0, file = null } = work.progress ?? {};
    const text = file === null ? language.text('qWorking', { done, total }) : language.text('qCopying', { file });
    return [make('p', { class: 'hint working', text }), key('cancel', language.text('qCancel'), () => { actions.cancel(requestId); })];
  }
  const row = make('div', { class: 'actions' });
  const nodes: Node[] = [];
  if (side === 'person' && state === 'received') {
    nodes.push(make('p', { class: 'hint', text: language.text('qIsMeHint') }));
    row.append(key('identify', language.text('qIsMe'), () => { actions.identify(requestId); }, 'primary'));
  }
  // What is to be put right only the person can say.
  const answers = side === 'person' || (side === 'staff' && right !== 'correct');
  if (answers && (state === 'identified' || state === 'accepted')) {
    const corrections = right === 'correct' ? correctionsOf(parts) : null;
    if (corrections !== null) nodes.push(corrections.form);
    row.append(key('carry-out', language.text(state === 'accepted' ? 'qCarryOn' : 'qCarryOut'), () => { actions.carryOut(requestId, corrections?.read() ?? []); }, 'primary'));
  }
  if (side === 'person' && (state === 'received' || state === 'identified')) row.append(key('retract', language.text('qRetract'), () => { actions.retract(requestId); }));
  if (side === 'person' && state === 'completed' && right === 'restrict') row.append(key('lift', language.text('qLift'), () => { actions.lift(requestId); }));
  const result = work?.result ?? null;
  const copy = side === 'person' ? (result?.copy ?? null) : null;
  if (copy !== null) {
    const size = language.text('plain', { text: `${language.number(Math.max(1, copy.size / 1024))} KB` });
    row.append(key('copy', language.text('qSaveCopy', { size }), () => { saveFile(copy, `${language.text('qCopyFile')}.zip`); }, 'primary'));
  }
  if (side === 'staff' && ['received', 'identified', 'accepted'].includes(state)) nodes.push(refusalOf(parts));
  return row.childElementCount === 0 ? nodes : [...nodes, row];
}

/** A field for each note that the person has a word on. */
function correctionsOf({ language, request, side, correctable }: CardParts): { readonly form: HTMLElement; read(): RightsCorrection[] } {
  const notes = correctable.filter(({ category, effect }) => effect === 'correct' && category === 'review-notes');
  const albums = correctable.some(({ category, effect }) => effect === 'correct' && category === 'album-groups');
  const fields = notes.map(({ itemId, createdAt }) => {
    const area = make('textarea');
    area.id = `${side}-${request.requestId}-${itemId}`;
    area.maxLength = 2000;
    area.rows = 3;
    return { itemId, area, field: make('label', { class: 'field' }, make('span', { text: language.text('qStatement', { date: moment(language, createdAt) }) }), area) };
  });
  const link = make('a', { text: language.text('qAlbumLink') });
  link.href = './album.html';
  const none = fields.length === 0 && !albums ? [make('p', { class: 'hint', text: language.text('qStatementNone') })] : [];
  return {
    form: make('div', { class: 'corrections-form' }, ...fields.map(({ field }) => field), ...(albums ? [make('p', {}, link)] : []), ...none),
    read: () => fields.flatMap(({ itemId, area }) => (area.value.trim() === '' ? [] : [{ itemId, kind: 'statement' as const, text: area.value.trim() }])),
  };
}

function refusalOf({ language, request: { requestId }, actions, side }: CardParts): HTMLElement {
  const select = make('select');
  select.id = `${side}-${requestId}-reason`;
  select.append(...REFUSAL_REASONS.map((reason) => makeOption(reason, language.text(`qRefusal_${reason}`))));
  const button = keyed(`${side}:${requestId}:refuse`, language.text('qRefuse'), () => { actions.refuse(requestId, select.value); }, 'quiet danger');
  return make('div', { class: 'refusal' }, make('label', { class: 'field' }, make('span', { text: language.text('qRefuseWhy') }), select), button);
}

function keyed(key: string, text: string, onPress: () => void, look: string): HTMLButtonElement {
  const button = make('button', { class: look, text });
  button.type = 'button';
  button.dataset['key'] = key;
  button.addEventListener('click', onPress);
  return button;
}

/** Random numbers are long. */
function wide(fact: HTMLElement): HTMLElement {
  fact.className = 'wide-fact';
  return fact;
}
