/**
 * How well groups agree with people. Pairwise: of the pairs of faces in one group, the share that is of one person; of the pairs of one
 * person, the share that is in one group. B-cubed (Bagga and Baldwin 1998): the same seen from each face, itself included, and averaged
 * over faces, so that large groups do not outweigh all others.
 * @param {readonly { person: string, group: number }[]} faces
 * @param {ReadonlyMap<string, number> | null} times how often what each person's faces meet counts, for intervals; once where null. The groups stay as they are,
 *   with everybody in them; of a pair of two people half is either's.
 */
export function scoreGroups(faces, times) {
  /** @type {Map<string, number>} */
  const cells = new Map();
  /** @type {Map<string, number>} */
  const ofPerson = new Map();
  /** @type {Map<number, { person: string, count: number }[]>} */
  const ofGroup = new Map();
  for (const { person, group } of faces) {
    cells.set(`${group} ${person}`, (cells.get(`${group} ${person}`) ?? 0) + 1);
    ofPerson.set(person, (ofPerson.get(person) ?? 0) + 1);
  }
  for (const [cell, count] of cells) {
    const [group, ...person] = cell.split(' ');
    ofGroup.set(Number(group), [...(ofGroup.get(Number(group)) ?? []), { person: person.join(' '), count }]);
  }
  const timesOf = (/** @type {string} */ person) => (times === null ? 1 : (times.get(person) ?? 0));
  let [together, right, asked, weight, precision, recall] = [0, 0, 0, 0, 0, 0];
  for (const [person, count] of ofPerson) asked += (timesOf(person) * count * (count - 1)) / 2;
  for (const members of ofGroup.values()) {
    const size = members.reduce((sum, { count }) => sum + count, 0);
    for (const { person, count } of members) {
      const often = timesOf(person);
      const pairs = (count * (count - 1)) / 2;
      right += often * pairs;
      together += often * (pairs + (count * (size - count)) / 2);
      weight += often * count;
      precision += (often * count * count) / size;
      recall += (often * count * count) / (ofPerson.get(person) ?? 1);
    }
  }
  const harmonic = (/** @type {number} */ a, /** @type {number} */ b) => (a + b === 0 ? 0 : (2 * a * b) / (a + b));
  const pairwise = { precision: together === 0 ? 1 : right / together, recall: asked === 0 ? 1 : right / asked };
  const cubed = { precision: precision / weight, recall: recall / weight };
  return {
    pairPrecision: pairwise.precision,
    pairRecall: pairwise.recall,
    pairF: harmonic(pairwise.precision, pairwise.recall),
    cubedPrecision: cubed.precision,
    cubedRecall: cubed.recall,
    cubedF: harmonic(cubed.precision, cubed.recall),
  };
}
