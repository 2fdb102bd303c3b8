/**
 * Solves the rectangular assignment problem with the option to leave a row alone: the sum of `costs[row * columns +
 * column]` over the chosen pairs plus `skipCost` per row without a pair is as small as it can be. A pair that costs
 * `skipCost` or more is never chosen, so `Infinity` forbids one. Returns for each row its column, or -1.
 *
 * Shortest augmenting paths with potentials (H. W. Kuhn, "The Hungarian method", 1955; R. Jonker and A. Volgenant,
 * 1987). Each row brings a private spare column at `skipCost`, so a search ends as soon as leaving the row alone is
 * cheapest: with gated costs the work is near rows x columns, not cubic.
 */
export function assign(costs: Float64Array, rows: number, columns: number, skipCost: number): Int32Array {
  const total = columns + rows; // the spare column of row r is columns + r
  const rowPotential = new Float64Array(rows);
  const columnPotential = new Float64Array(total);
  const rowOf = new Int32Array(total).fill(-1);
  const slack = new Float64Array(total);
  const cameFrom = new Int32Array(total);
  const done = new Uint8Array(total);

  const costOf = (row: number, column: number): number => {
    if (column >= columns) return column - columns === row ? skipCost : Infinity;
    const cost = costs[row * columns + column] ?? Infinity;
    return cost < skipCost ? cost : Infinity;
  };

  for (let first = 0; first < rows; first++) {
    slack.fill(Infinity);
    cameFrom.fill(-1);
    done.fill(0);
    let row = first;
    let last = -1; // the column through which the search reached `row`
    let reached = 0; // length of the shortest path so far
    while (row >= 0) {
      let next = -1;
      let shortest = Infinity;
      for (let column = 0; column < total; column++) {
        if (done[column] === 1) continue;
        const length = reached + costOf(row, column) - (rowPotential[row] ?? 0) - (columnPotential[column] ?? 0);
        if (length < (slack[column] ?? Infinity)) {
          slack[column] = length;
          cameFrom[column] = last;
        }
        const best = slack[column] ?? Infinity;
        if (best < shortest) {
          shortest = best;
          next = column;
        }
      }
      // The spare column of `first` is always free, so there is always a next one.
      done[next] = 1;
      last = next;
      reached = shortest;
      row = rowOf[next] ?? -1;
    }
    for (let column = 0; column < total; column++) {
      if (done[column] !== 1) continue;
      const gain = reached - (slack[column] ?? 0);
      columnPotential[column] = (columnPotential[column] ?? 0) - gain;
      const owner = rowOf[column] ?? -1;
      if (owner >= 0) rowPotential[owner] = (rowPotential[owner] ?? 0) + gain;
    }
    rowPotential[first] = (rowPotential[first] ?? 0) + reached;
    for (let column = last; column >= 0; ) {
      const before = cameFrom[column] ?? -1;
      rowOf[column] = before >= 0 ? (rowOf[before] ?? first) : first;
      column = before;
    }
  }

  const columnOf = new Int32Array(rows).fill(-1);
  for (let column = 0; column < columns; column++) {
    const row = rowOf[column] ?? -1;
    if (row >= 0) columnOf[row] = column;
  }
  return columnOf;
}
