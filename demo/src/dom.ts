/** The element with this id, of the class that the caller relies on. @throws TypeError when the page has no such element. */
export function part<T extends Element>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`The page needs a ${kind.name} with the id '${id}'.`);
  return found;
}

/** The chosen radio button of a group. @throws TypeError when none is chosen. */
export function chosen(group: HTMLElement): string {
  const input = group.querySelector<HTMLInputElement>('input[type=radio]:checked');
  if (input === null) throw new TypeError(`The group '${group.id}' has no choice.`);
  return input.value;
}
