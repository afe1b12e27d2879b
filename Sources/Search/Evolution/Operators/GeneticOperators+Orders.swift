import DescentData

extension GeneticOperators {
  /// Two orders that are made of those of two parents.
  func crossedOrders(_ a: [Int], _ b: [Int], _ random: inout ElementRandom) -> ([Int], [Int]) {
    guard a.count > 1, a.count == b.count else { return (a, b) }
    let (first, last) = Self.stretch(a.count, &random)
    switch orders {
    case .order:
      return (Self.orderCrossed(a, b, first, last), Self.orderCrossed(b, a, first, last))
    case .partiallyMapped:
      return (Self.partiallyMapped(a, b, first, last), Self.partiallyMapped(b, a, first, last))
    case .cycle: return Self.cycleCrossed(a, b)
    }
  }

  /// A mutated order.
  func mutatedOrder(_ order: [Int], _ random: inout ElementRandom) -> [Int] {
    var order = order
    let first = random.place(below: order.count)
    var second = random.place(below: order.count - 1)
    if second >= first { second += 1 }
    switch orderMutation {
    case .swap: order.swapAt(first, second)
    case .insertion: order.insert(order.remove(at: first), at: second)
    case .inversion: order[min(first, second)...max(first, second)].reverse()
    }
    return order
  }

  private static func stretch(_ count: Int, _ random: inout ElementRandom) -> (first: Int, last: Int) {
    let (a, b) = (random.place(below: count), random.place(below: count))
    return (min(a, b), max(a, b))
  }

  private static func orderCrossed(_ a: [Int], _ b: [Int], _ first: Int, _ last: Int) -> [Int] {
    let kept = Set(a[first...last])
    // From behind the stretch around.
    let rest = (0..<b.count).map { b[(last + 1 + $0) % b.count] }.filter { !kept.contains($0) }
    var child = a
    for (offset, option) in rest.enumerated() { child[(last + 1 + offset) % a.count] = option }
    return child
  }

  private static func partiallyMapped(_ a: [Int], _ b: [Int], _ first: Int, _ last: Int) -> [Int] {
    var child = b
    var places: [Int: Int] = [:]
    for (place, option) in child.enumerated() { places[option] = place }
    for place in first...last {
      // What stood here goes where the option of the other parent was.
      guard let other = places[a[place]] else { continue }
      (places[child[place]], places[a[place]]) = (other, place)
      child.swapAt(place, other)
    }
    return child
  }

  private static func cycleCrossed(_ a: [Int], _ b: [Int]) -> ([Int], [Int]) {
    var (first, second) = (a, b)
    var places: [Int: Int] = [:]
    for (place, option) in a.enumerated() { places[option] = place }
    var isSeen = [Bool](repeating: false, count: a.count)
    var isTurned = false
    for start in a.indices where !isSeen[start] {
      var place = start
      while !isSeen[place] {
        isSeen[place] = true
        if isTurned { (first[place], second[place]) = (b[place], a[place]) }
        guard let next = places[b[place]] else { break }
        place = next
      }
      isTurned.toggle()
    }
    return (first, second)
  }
}
