/// The name that a mistyped one most likely means: one that takes a change in every three characters at most, where a
/// change is a character more, less or other, or two neighbors in the wrong order; of several, one as long as it is.
func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased())
  let known = names.sorted().map { name in
    (name: name, changes: changes(from: wanted, to: Array(name.lowercased())), excess: abs(name.count - wanted.count))
  }
  guard let nearest = known.min(by: { ($0.changes, $0.excess) < ($1.changes, $1.excess) }),
    nearest.changes <= max(1, wanted.count / 3), nearest.changes < nearest.name.count
  else { return nil }
  return nearest.name
}

/// How many changes make one text of another. Source: Damerau, 1964; Levenshtein, 1966.
private func changes(from a: [Character], to b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var least = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
