import DescentGraph

/// What a function gives, and how far a correct evaluation of it may be away.
struct Reference {
  /// What the reference evaluation gives.
  let values: [ReferenceArray]
  /// For each output, how far its numbers may be away; infinite where rounding alone could change everything.
  let allowed: [Double]

  /// Evaluates a function as it is and with the rounding of `float` made worse, in two ways.
  init(_ graph: Graph, _ arguments: [ReferenceArray], _ float: ElementType) throws {
    let unit = float == .float64 ? 0x1p-53 : 0x1p-24
    let values = try graph.evaluatedNodeByNode(arguments)
    self.values = values
    let noisy = try (1...2).map { salt in
      try RoundingNoise(amount: 4 * unit, salt: UInt64(salt)).added(to: graph).evaluate(arguments)
    }
    allowed = values.indices.map { index in
      let exact = values[index]
      let scale = exact.reals.reduce(1) { max($0, $1.magnitude) }
      let spread = noisy.reduce(0.0) { max($0, exact.distance(to: $1[index])) }
      let allowed = Self.margin * spread + 512 * unit * scale
      // Where half of the places are lost the answer says little.
      return allowed <= scale * unit.squareRoot() ? allowed : .infinity
    }
  }

  /// Whether every output has a tolerance that means something.
  var isJudged: Bool { allowed.allSatisfy(\.isFinite) }

  /// Where other values are further away than allowed.
  func fault(in found: [ReferenceArray]) -> String? {
    for (index, (value, wanted)) in zip(found, values).enumerated() {
      guard value.type == wanted.type else { return "output \(index) is \(value.type), not \(wanted.type)" }
      let distance = value.distance(to: wanted)
      if !(distance <= allowed[index]) {
        return "output \(index) is \(value.words)\n  instead of \(wanted.words),\n"
          + "  \(distance) away where \(allowed[index]) is allowed"
      }
    }
    return nil
  }

  /// How many times the spread that two samples show a third may be away.
  private static let margin = 64.0
}

extension Graph {
  /// What the reference evaluation gives, each node held to the sizes that its shape rule promises.
  fileprivate func evaluatedNodeByNode(_ arguments: [ReferenceArray]) throws -> [ReferenceArray] {
    var values: [[ReferenceArray]] = []
    for node in nodes {
      if let input = node.operation as? Input {
        values.append([arguments[input.index]])
        continue
      }
      let results = node.operation.evaluate(node.operands.map { values[$0.node][$0.result] }, node.types)
      for (result, type) in zip(results, node.types) where result.reals.count + result.integers.count != type.count {
        throw Fault(
          promise: "the reference evaluation gives what the shape rule promises",
          message: "\(node.operation.name)(\(node.operation.attributes)) of \(node.operands.map(self.type(of:))) gives"
            + " \(result.reals.count + result.integers.count) numbers for \(type)")
      }
      values.append(results)
    }
    return outputs.map { values[$0.node][$0.result] }
  }
}

extension ReferenceArray {
  /// The largest difference between elements; infinite where one side is finite and the other is not.
  func distance(to other: ReferenceArray) -> Double {
    if !type.elementType.isFloatingPoint { return integers == other.integers ? 0 : .infinity }
    return zip(reals, other.reals).reduce(0) { largest, pair in
      let (a, b) = pair
      if a == b || (a.isNaN && b.isNaN) { return largest }
      let distance = (a - b).magnitude
      return distance.isNaN ? .infinity : max(largest, distance)
    }
  }

  /// The first elements.
  fileprivate var words: String {
    let numbers = (0..<min(12, type.count)).map { "\(real($0))" }.joined(separator: ", ")
    return "\(type) [\(numbers)\(type.count > 12 ? ", …" : "")]"
  }
}
