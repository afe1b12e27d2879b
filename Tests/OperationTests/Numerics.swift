import DescentGraph

extension ReferenceArray {
  /// All elements as real numbers.
  var numbers: [Double] { (0..<type.count).map(real) }

  /// This array moved by a step along a direction. - Complexity: O(elements).
  func moved(along direction: ReferenceArray, by step: Double) -> ReferenceArray {
    ReferenceArray(type, reals: zip(reals, direction.reals).map { $0 + step * $1 })
  }

  /// The inner product of all elements.
  func dot(_ other: ReferenceArray) -> Double { zip(numbers, other.numbers).reduce(0) { $0 + $1.0 * $1.1 } }

  /// The same numbers in another order, so that examples differ but stay in their domain.
  func rotated(by places: Int) -> ReferenceArray {
    guard type.count > 1 else { return self }
    return ReferenceArray(type, from: self, at: (0..<type.count).map { ($0 + places) % type.count })
  }

  /// Arrays of one type side by side along a new axis in front.
  static func stacked(_ parts: [ReferenceArray], as type: TensorType) -> ReferenceArray {
    let whole = type.with(shape: type.shape.prepending(parts.count))
    return type.elementType.isFloatingPoint
      ? ReferenceArray(whole, reals: parts.flatMap(\.reals))
      : ReferenceArray(whole, integers: parts.flatMap(\.integers))
  }

  /// Where this array differs from another by more than a part of the largest finite number in it and an absolute
  /// amount; `nil` where it does not. NaN equals NaN, infinities equal themselves, integers must be equal.
  func difference(from expected: ReferenceArray, tolerance: Double, absolute: Double = 0) -> String? {
    guard type == expected.type else { return "\(type) instead of \(expected.type)" }
    guard type.elementType.isFloatingPoint else {
      return integers == expected.integers ? nil : "\(integers) instead of \(expected.integers)"
    }
    let scale = expected.reals.lazy.map(\.magnitude).filter(\.isFinite).max() ?? 0
    for (index, (found, wanted)) in zip(reals, expected.reals).enumerated() {
      if found == wanted || (found.isNaN && wanted.isNaN) { continue }
      let allowed =
        tolerance * max(wanted.magnitude, min(scale, 1)) + absolute
        + Double(Float.leastNormalMagnitude)
      if !((found - wanted).magnitude <= allowed) { return "[\(index)] \(found) instead of \(wanted)" }
    }
    return nil
  }
}

/// Whether two numbers agree to a part of the larger of them and 1.
func agree(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  a == b || (a - b).magnitude <= tolerance * max(1, a.magnitude, b.magnitude)
}

extension Graph {
  /// The sum of each output weighted by a further input of its type, plus half the weighted sum of its square, so that
  /// linear functions have a second derivative too. Only floating-point outputs count.
  func bowl() throws -> Graph {
    let builder = GraphBuilder()
    let arguments = inputs.map { builder.input(type(of: $0)) }
    let outputs = builder.inline(self, arguments).filter { $0.type.elementType.isFloatingPoint }
    guard let elementType = outputs.first?.type.elementType else { return try builder.graph(outputs: outputs) }
    var total = builder.constant(0, TensorType([], elementType))
    for output in outputs {
      let weight = builder.input(output.type)
      let bent = output + 0.5 * (output * output)
      total = total + (weight * bent).sum(axes: Array(output.shape.indices)).converted(to: elementType)
    }
    return try builder.graph(outputs: [total])
  }

  /// The function with only some of its outputs.
  func keeping(_ outputs: some Sequence<Int>) -> Graph {
    Graph(nodes: nodes, inputs: inputs, outputs: outputs.map { self.outputs[$0] }).removingDeadNodes()
  }

  /// The inner product of outputs from `first` on with as many further inputs.
  func innerProduct(from first: Int) throws -> Graph {
    let builder = GraphBuilder()
    let arguments = inputs.map { builder.input(type(of: $0)) }
    let parts = builder.inline(self, arguments)[first...]
    let directions = parts.map { builder.input($0.type) }
    let products = zip(parts, directions).map { ($0 * $1).sum(axes: Array($0.shape.indices)) }
    guard let start = products.first else { return try builder.graph(outputs: []) }
    let total = products.dropFirst().reduce(start) { $0 + $1.converted(to: start.type.elementType) }
    return try builder.graph(outputs: [total])
  }
}
