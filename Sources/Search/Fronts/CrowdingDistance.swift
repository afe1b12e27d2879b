/// How far apart the neighbors of each point of a front are: the sum over the objectives of the distance between the next
/// smaller and the next larger value, as a share of the front's range; +∞ at the ends.
///
/// A point in a crowded part has a small one. Source: Deb, Pratap, Agarwal, Meyarivan, *A fast and elitist multiobjective
/// genetic algorithm: NSGA-II*, 2002.
///
/// - Parameter front: The objectives of each point, as many for each.
/// - Complexity: O(m · n log n) for n points and m objectives.
public func crowdingDistances(of front: [[Double]]) -> [Double] {
  var distances = [Double](repeating: 0, count: front.count)
  guard let first = front.first else { return distances }
  for objective in first.indices {
    // A value that is missing is as bad as one that is not a number.
    let values = front.map { $0.indices.contains(objective) ? Dominance.ordered($0[objective]) : .infinity }
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    let (least, largest) = (values[order[0]], values[order[order.count - 1]])
    distances[order[0]] = .infinity
    distances[order[order.count - 1]] = .infinity
    let range = largest - least
    guard range > 0, range.isFinite else { continue }
    for place in order.indices.dropFirst().dropLast() {
      distances[order[place]] += (values[order[place + 1]] - values[order[place - 1]]) / range
    }
  }
  return distances
}
