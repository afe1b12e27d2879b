import Foundation

/// What share of a forest's variance over a whole space comes from each parameter alone: functional analysis of variance.
///
/// A tree is constant on boxes, so that means over all values of the other parameters are sums over its leaves: exact. Source:
/// Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", 2014.
struct VarianceShares {
  /// A leaf as a box: for each column its ends.
  private struct Box {
    var low: [Double]
    var high: [Double]
    var value: Double
  }

  /// The columns of each parameter, and whether they are numbers from 0 to 1 or a one-hot option.
  struct Group {
    let columns: Range<Int>
    let isOneHot: Bool
  }

  let groups: [Group]
  private let width: Int

  init(_ groups: [Group]) {
    self.groups = groups
    width = groups.last?.columns.upperBound ?? 0
  }

  /// The shares of one tree's variance that each parameter has alone; `nil` for a tree without variance.
  func shares(of tree: RegressionForest.Tree) -> [Double]? {
    var boxes: [Box] = []
    collect(
      tree, 0,
      Box(low: .init(repeating: -.infinity, count: width), high: .init(repeating: .infinity, count: width), value: 0),
      into: &boxes)
    let shares = boxes.map { box in groups.map { share(of: $0, in: box) } }
    let weights = shares.map { $0.reduce(1, *) }
    var (mean, variance) = (0.0, 0.0)
    for (box, weight) in zip(boxes, weights) { mean += weight * box.value }
    for (box, weight) in zip(boxes, weights) { variance += weight * (box.value - mean) * (box.value - mean) }
    guard variance > 1e-300 else { return nil }
    return groups.indices.map { index in
      alone(index, boxes, shares, mean) / variance
    }
  }

  private func collect(_ tree: RegressionForest.Tree, _ node: Int, _ box: Box, into boxes: inout [Box]) {
    switch tree.nodes[node] {
    case .leaf(let value):
      var leaf = box
      leaf.value = value
      boxes.append(leaf)
    case .split(let column, let threshold, let low, let high):
      var part = box
      part.high[column] = min(part.high[column], threshold)
      collect(tree, low, part, into: &boxes)
      part = box
      part.low[column] = max(part.low[column], threshold)
      collect(tree, high, part, into: &boxes)
    }
  }

  /// The share of a parameter's values that lies in a box.
  private func share(of group: Group, in box: Box) -> Double {
    if group.isOneHot {
      let inside = group.columns.count { contains(box, group, option: $0 - group.columns.lowerBound) }
      return Double(inside) / Double(group.columns.count)
    }
    return group.columns.reduce(1.0) { $0 * max(min(box.high[$1], 1) - max(box.low[$1], 0), 0) }
  }

  private func contains(_ box: Box, _ group: Group, option: Int) -> Bool {
    group.columns.allSatisfy { column in
      let value = column - group.columns.lowerBound == option ? 1.0 : 0
      return value > box.low[column] && value <= box.high[column]
    }
  }

  /// The variance of the mean over all other parameters, as a function of one.
  private func alone(_ index: Int, _ boxes: [Box], _ shares: [[Double]], _ mean: Double) -> Double {
    let group = groups[index]
    // What each leaf weighs in the mean over the others.
    let others = shares.map { row in row.indices.reduce(1.0) { $1 == index ? $0 : $0 * row[$1] } }
    if group.isOneHot {
      let count = group.columns.count
      var variance = 0.0
      for option in 0..<count {
        var value = 0.0
        for (place, box) in boxes.enumerated() where contains(box, group, option: option) {
          value += others[place] * box.value
        }
        variance += (value - mean) * (value - mean) / Double(count)
      }
      return variance
    }
    if group.columns.count > 1 { return several(group, boxes, others, mean) }
    let column = group.columns.lowerBound
    var ends: Set<Double> = [0, 1]
    for box in boxes { for end in [box.low[column], box.high[column]] where end > 0 && end < 1 { ends.insert(end) } }
    let sorted = ends.sorted()
    // Each leaf adds its part where it begins and takes it away where it ends.
    var changes = [Double: Double]()
    for (place, box) in boxes.enumerated() {
      let part = others[place] * box.value
      changes[max(box.low[column], 0), default: 0] += part
      changes[min(box.high[column], 1), default: 0] -= part
    }
    var (value, variance) = (0.0, 0.0)
    for (low, high) in zip(sorted, sorted.dropFirst()) {
      value += changes[low] ?? 0
      variance += (high - low) * (value - mean) * (value - mean)
    }
    return variance
  }

  /// Of a parameter with several columns, over an even sample of their values.
  private func several(_ group: Group, _ boxes: [Box], _ others: [Double], _ mean: Double) -> Double {
    var random = TrialRandom(seed: 0, trial: 0, purpose: "variance")
    let draws = 256
    var variance = 0.0
    for _ in 0..<draws {
      let values = group.columns.map { _ in random.unit() }
      var value = 0.0
      for (place, box) in boxes.enumerated() {
        let isInside = zip(group.columns, values).allSatisfy { $1 > box.low[$0] && $1 <= box.high[$0] }
        if isInside { value += others[place] * box.value }
      }
      variance += (value - mean) * (value - mean) / Double(draws)
    }
    return variance
  }
}
