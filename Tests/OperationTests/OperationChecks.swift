import DescentGraph
import Testing

@testable import DescentDifferentiation

/// What mathematics promises of a sample, each promise a check of its own.
struct OperationChecks {
  let sample: Sample
  let graph: Graph
  private let directions: [ReferenceArray]
  private let weights: [ReferenceArray]

  init(_ sample: Sample) throws {
    self.sample = sample
    graph = try sample.graph()
    directions = sample.parameters.map { Self.noise(sample.operands[$0].type, salt: UInt64($0) + 11) }
    weights = graph.outputTypes.filter(\.elementType.isFloatingPoint).map { Self.noise($0, salt: 23) }
  }

  private static func noise(_ type: TensorType, salt: UInt64) -> ReferenceArray {
    Operands(float: type.elementType).spread(type.shape, -1...1, salt: salt)
  }

  private var parameters: [Int] { sample.parameters }
  private var isDouble: Bool {
    sample.operands.allSatisfy { !$0.type.elementType.isFloatingPoint || $0.type.elementType == .float64 }
  }

  /// Printing names the operation, checking passes, and the evaluation has the types of the shape rule.
  func structure() throws {
    try graph.check()
    #expect(graph.description.contains(sample.operation.name))
    #expect(graph.description.hasPrefix("graph("))
    let results = try graph.evaluate(sample.operands)
    #expect(results.map(\.type) == graph.outputTypes)
    for result in results {
      #expect(result.reals.count + result.integers.count == result.type.count, "\(sample)")
    }
  }

  /// A compiled plan computes what the reference evaluation says.
  func compiled() throws {
    try hold(graph, on: sample.operands)
    guard sample.isSmooth, !parameters.isEmpty else { return }
    try hold(graph.jacobianVectorProduct(parameters: parameters), on: sample.operands + directions)
    try hold(graph.vectorJacobianProduct(parameters: parameters), on: sample.operands + weights)
  }

  private func hold(_ graph: Graph, on arguments: [ReferenceArray]) throws {
    let fault = try graph.compiledFault(on: arguments, tolerance: isDouble ? 1e-11 : 1e-5)
    #expect(fault == nil, "compiled \(sample): \(fault ?? "")\n\(graph)")
  }

  /// Forward mode agrees with central differences along a direction.
  func forward() throws {
    let derivative = try graph.jacobianVectorProduct(parameters: parameters)
    try derivative.check()
    let floating = graph.outputTypes.indices.filter { graph.outputTypes[$0].elementType.isFloatingPoint }
    let results = try derivative.evaluate(sample.operands + directions)
    let differences = try differences(of: graph.keeping(floating), at: sample.operands)
    for (found, wanted) in zip(results.dropFirst(graph.outputs.count), differences) {
      let fault = found.difference(from: wanted, tolerance: 1e-7)
      #expect(fault == nil, "forward \(sample): \(fault ?? "")")
    }
  }

  private func differences(of graph: Graph, at operands: [ReferenceArray]) throws -> [ReferenceArray] {
    let step = 3e-6
    func shifted(_ step: Double) throws -> [ReferenceArray] {
      var moved = operands
      for (parameter, direction) in zip(parameters, directions) {
        moved[parameter] = moved[parameter].moved(along: direction, by: step)
      }
      return try graph.evaluate(moved)
    }
    return zip(try shifted(step), try shifted(-step)).map { ahead, behind in
      ReferenceArray(ahead.type, reals: zip(ahead.reals, behind.reals).map { ($0 - $1) / (2 * step) })
    }
  }

  /// ⟨v, J u⟩ = ⟨Jᵀ v, u⟩.
  func reverse() throws {
    let ahead = try graph.jacobianVectorProduct(parameters: parameters).evaluate(sample.operands + directions)
    let transposed = try graph.vectorJacobianProduct(parameters: parameters)
    try transposed.check()
    let back = try transposed.evaluate(sample.operands + weights)
    #expect(back.dropFirst(graph.outputs.count).map(\.type) == parameters.map { sample.operands[$0].type })
    let left = zip(weights, ahead.dropFirst(graph.outputs.count)).reduce(0) { $0 + $1.0.dot($1.1) }
    let right = zip(back.dropFirst(graph.outputs.count), directions).reduce(0) { $0 + $1.0.dot($1.1) }
    #expect(agree(left, right, 1e-12), "reverse \(sample): \(left) ≠ \(right)")
  }

  /// Second derivatives along a direction agree: differences of the gradient, forward over reverse, reverse over
  /// forward, gradient of the gradient.
  func secondOrder() throws {
    guard !weights.isEmpty else { return }
    let bowl = try graph.bowl()
    let arguments = sample.operands + weights
    let gradient = try bowl.gradient(parameters: parameters)
    let slopes = gradient.keeping(1..<gradient.outputs.count)
    let wanted = try differences(of: slopes, at: arguments)

    let ahead = try slopes.jacobianVectorProduct(parameters: parameters)
    try ahead.check()
    let forwardOverReverse = try ahead.evaluate(arguments + directions).dropFirst(parameters.count)

    let slope = try bowl.jacobianVectorProduct(parameters: parameters).keeping([1])
    let around = try slope.gradient(parameters: parameters)
    try around.check()
    let reverseOverForward = try around.evaluate(arguments + directions).dropFirst()

    let twice = try slopes.innerProduct(from: 0).gradient(parameters: parameters)
    try twice.check()
    let reverseOverReverse = try twice.evaluate(arguments + directions).dropFirst()

    for (index, wanted) in wanted.enumerated() {
      let found = forwardOverReverse[forwardOverReverse.startIndex + index]
      let faults = [
        found.difference(from: wanted, tolerance: 1e-6),
        reverseOverForward[reverseOverForward.startIndex + index].difference(from: found, tolerance: 1e-11),
        reverseOverReverse[reverseOverReverse.startIndex + index].difference(from: found, tolerance: 1e-11),
      ]
      #expect(faults.allSatisfy { $0 == nil }, "second order \(sample): \(faults)")
    }
  }

  /// Three examples at once give what they give one by one, for every choice of operands that have the new axis; so
  /// does the derivative. Returns how many choices there were.
  func batched() throws -> Int {
    var count = try batched(graph, sample.operands)
    if sample.isSmooth, !parameters.isEmpty, !weights.isEmpty {
      count += try batched(graph.vectorJacobianProduct(parameters: parameters), sample.operands + weights)
    }
    return count
  }

  private func batched(_ graph: Graph, _ operands: [ReferenceArray]) throws -> Int {
    guard !operands.isEmpty else { return 0 }
    let size = 3
    let choices = (1..<1 << operands.count).map { mask in operands.indices.map { mask >> $0 & 1 == 1 } }
    for isBatched in choices {
      let wide = try graph.batched(size: size, isBatched: isBatched)
      try wide.check()
      let examples = (0..<size).map { example in
        zip(operands, isBatched).map { $1 ? $0.rotated(by: example) : $0 }
      }
      let arguments = operands.indices.map { index in
        isBatched[index]
          ? ReferenceArray.stacked(examples.map { $0[index] }, as: operands[index].type) : operands[index]
      }
      let found = try wide.evaluate(arguments)
      let each = try examples.map { try graph.evaluate($0) }
      for output in found.indices {
        let wanted = ReferenceArray.stacked(each.map { $0[output] }, as: graph.outputTypes[output])
        let fault = found[output].difference(from: wanted, tolerance: 1e-12)
        #expect(fault == nil, "batched \(isBatched) \(sample): \(fault ?? "")")
      }
    }
    return choices.count
  }
}
