import Foundation

/// Regression trees on rows drawn with replacement, each grown until its leaves hold equal targets (Breiman, 2001).
struct RegressionForest: Sendable {
  /// A tree's nodes, the root first.
  struct Tree: Sendable {
    enum Node: Sendable {
      case split(column: Int, threshold: Double, low: Int, high: Int)
      case leaf(Double)
    }

    fileprivate(set) var nodes: [Node] = []

    /// The mean of the targets in the leaf that a row falls into.
    func value(at row: [Double]) -> Double {
      var place = 0
      while true {
        switch nodes[place] {
        case .leaf(let value): return value
        case .split(let column, let threshold, let low, let high): place = row[column] <= threshold ? low : high
        }
      }
    }
  }

  let trees: [Tree]

  /// Grows trees.
  ///
  /// - Parameters:
  ///   - rows: Features, as many in each row.
  ///   - targets: A number for each row.
  ///   - count: How many trees.
  ///   - depth: The most splits from the root to a leaf.
  init(_ rows: [[Double]], _ targets: [Double], count: Int = 64, depth: Int = 64, seed: UInt64) {
    trees = (0..<count).map { index in
      var random = TrialRandom(seed: seed, trial: index, purpose: "forest")
      let drawn = rows.indices.map { _ in random.place(below: rows.count) }
      var tree = Tree()
      Self.grow(&tree, rows, targets, drawn, depth: depth)
      return tree
    }
  }

  private static func grow(
    _ tree: inout Tree, _ rows: [[Double]], _ targets: [Double], _ members: [Int], depth: Int
  ) {
    let mean = members.reduce(0) { $0 + targets[$1] } / Double(max(members.count, 1))
    let place = tree.nodes.count
    tree.nodes.append(.leaf(mean))
    guard depth > 0, members.count >= 2, let split = bestSplit(rows, targets, members) else { return }
    let low = tree.nodes.count
    grow(&tree, rows, targets, members.filter { rows[$0][split.column] <= split.threshold }, depth: depth - 1)
    let high = tree.nodes.count
    grow(&tree, rows, targets, members.filter { rows[$0][split.column] > split.threshold }, depth: depth - 1)
    tree.nodes[place] = .split(column: split.column, threshold: split.threshold, low: low, high: high)
  }

  /// The split that leaves the least squared distance from the means; `nil` where nothing is gained.
  private static func bestSplit(
    _ rows: [[Double]], _ targets: [Double], _ members: [Int]
  ) -> (column: Int, threshold: Double)? {
    let count = Double(members.count)
    let mean = members.reduce(0) { $0 + targets[$1] } / count
    var best: (gain: Double, column: Int, threshold: Double)?
    let spread = members.reduce(0) { $0 + (targets[$1] - mean) * (targets[$1] - mean) }
    guard spread > 0 else { return nil }
    for column in rows[members[0]].indices {
      let order = members.sorted { (rows[$0][column], $0) < (rows[$1][column], $1) }
      // Of centered targets, the gain of a split is s²·n / (l·(n − l)), with the sum s of its lower part.
      var sum = 0.0
      for (index, member) in order.enumerated().dropLast() {
        sum += targets[member] - mean
        let (here, next) = (rows[member][column], rows[order[index + 1]][column])
        guard next > here else { continue }
        let lower = Double(index + 1)
        let gain = sum * sum * count / (lower * (count - lower))
        if gain > (best?.gain ?? 1e-12 * spread) { best = (gain, column, here + (next - here) / 2) }
      }
    }
    return best.map { ($0.column, $0.threshold) }
  }
}
