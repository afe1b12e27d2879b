import DescentGraph
import DescentTensors

extension KFAC {
  /// Takes what the pass shows of the curvature in, and computes the inverses anew where it is time.
  func follow(_ parameters: [OptimizedParameter], _ state: inout State, at step: StepContext) throws {
    let pass = try CurvaturePass(
      step.objective, at: parameters.map(\.value), targets, step.key.split("KFAC"))
    let blocks = KroneckerBlocks(parameters)
    // As many of the first steps count alike as the running mean is about to average over.
    let kept = minimum(1.0 - 1.0 / step.age, decay.tensor)
    func mean(_ old: Tensor, _ new: Tensor) -> Tensor {
      old * kept.converted(to: old.elementType) + new * (1.0 - kept).converted(to: old.elementType)
    }
    let found = try products(pass, blocks, parameters, state)
    let squares = try diagonals(pass, blocks, parameters)
    for (product, sides) in zip(blocks.products, found) {
      let path = parameters[product.weight].path
      guard var factors = state.factors[path] else { throw unknown(parameters[product.weight]) }
      (factors.input, factors.output) = (mean(factors.input, sides.input), mean(factors.output, sides.output))
      state.factors[path] = factors
    }
    for (place, diagonal) in zip(blocks.others, squares) {
      let path = parameters[place].path
      guard let old = state.diagonals[path] else { throw unknown(parameters[place]) }
      state.diagonals[path] = mean(old, diagonal)
    }
    let (last, damping) = (state.factors, state.damping)
    state.factors = try cond(step.isDue(every: inverseInterval)) {
      last.mapValues { Self.inverted($0, damping) }
    } else: {
      last
    }
  }

  /// Factors with their inverses, in which the damping is shared out by their sizes.
  private static func inverted(_ factors: Factors, _ damping: Tensor) -> Factors {
    let (input, output) = (FactorSide.mean(factors.input), FactorSide.mean(factors.output))
    let isKnown = (input .> 0) .& (output .> 0)
    let one = Tensor(1, .float64)
    let share = `where`(isKnown, sqrt(`where`(isKnown, input, one) / `where`(isKnown, output, one)), one)
    let root = sqrt(damping)
    var next = factors
    next.inputInverse = FactorSide.inverse(factors.input, adding: root * share)
    next.outputInverse = FactorSide.inverse(factors.output, adding: root / share)
    return next
  }

  /// The factors of each weight in this pass.
  private func products(
    _ pass: CurvaturePass, _ blocks: KroneckerBlocks, _ parameters: [OptimizedParameter], _ state: State
  ) throws -> [(input: Tensor, output: Tensor)] {
    let sides = try blocks.products.map { product in
      guard let factors = state.factors[parameters[product.weight].path] else {
        throw unknown(parameters[product.weight])
      }
      return factors
    }
    let uses = blocks.products.map { product in Self.uses(of: product, in: pass) }
    let sums = try pass.sum { column in
      zip(blocks.products, zip(sides, uses)).flatMap { product, known -> [Tensor] in
        let (side, uses) = known
        guard uses.isEmpty else {
          let squares = uses.map { FactorSide.squares(column.outputs[$0], like: side.output) }
          return [squares.dropFirst().reduce(squares[0]) { $0 + $1 }]
        }
        let matrix = product.joined(column.gradients)
        return [
          FactorSide.squares(matrix.transposed(), like: side.input), FactorSide.squares(matrix, like: side.output),
          square(matrix).sum(),
        ]
      }
    }
    var rest = sums[...]
    return try zip(blocks.products, zip(sides, uses)).map { product, known in
      let (side, uses) = known
      guard uses.isEmpty else {
        let inputs = uses.map { Self.inputs(pass.uses[$0], product, like: side.input) }
        let rows = inputs.reduce(0) { $0 + $1.rows }
        let sum = inputs.dropFirst().reduce(inputs[0].squares) { $0 + $1.squares }
        guard let output = rest.popFirst() else { throw TensorError("KFAC", "a factor got lost") }
        return (sum * (1 / Double(max(rows, 1))), output)
      }
      guard let left = rest.popFirst(), let right = rest.popFirst(), let total = rest.popFirst() else {
        throw TensorError("KFAC", "a factor got lost")
      }
      // Whose product has the trace that the matrix' products with themselves have.
      let length = sqrt(total)
      let safe = `where`(length .> 0, length, Tensor(1, length.elementType))
      return (left / safe, right / safe)
    }
  }

  /// Where layers use a weight, all of them together with the bias that stands beside it; none where one does not.
  private static func uses(of product: KroneckerBlocks.Product, in pass: CurvaturePass) -> [Int] {
    let uses = pass.uses.indices.filter { pass.uses[$0].weight == product.weight }
    let fit = uses.allSatisfy { pass.uses[$0].bias == product.bias && pass.uses[$0].kind.isProduct }
    let shares = product.bias.map { bias in pass.uses.filter { $0.bias == bias }.count == uses.count } ?? true
    return fit && shares ? uses : []
  }

  /// The products of the inputs of a use, and how many rows there are.
  private static func inputs(
    _ use: PassProbe.Use, _ product: KroneckerBlocks.Product, like side: Tensor
  ) -> (squares: Tensor, rows: Int) {
    let type = side.elementType
    guard case .rows = use.kind else {
      let own = product.rows - (product.bias == nil ? 0 : 1)
      let count = use.input.count / max(own, 1)
      var rows = use.input.converted(to: type).reshaped([count, own])
      if product.bias != nil { rows = concatenated([rows, Tensor(repeating: 1, shape: [count, 1], type)], axis: 1) }
      return (FactorSide.squares(rows, like: side), count)
    }
    let indices = use.input.reshaped([use.input.count])
    let ones = Tensor(repeating: 1, shape: [use.input.count], type)
    let counts = Tensor(zeros: [product.rows], type).scattered(ones, at: indices)
    return (FactorSide.diagonal(counts, like: side), use.input.count)
  }

  /// The diagonals of all other parameters in this pass: of a scale or a shift from the gradients of examples, else from that of all.
  private func diagonals(
    _ pass: CurvaturePass, _ blocks: KroneckerBlocks, _ parameters: [OptimizedParameter]
  ) throws -> [Tensor] {
    try pass.sum { column in
      blocks.others.map { place in
        let value = parameters[place].value
        let uses = pass.uses.indices.filter { pass.uses[$0].weight == place || pass.uses[$0].bias == place }
        guard uses.count == 1, let number = uses.first, case .scaleAndShift = pass.uses[number].kind else {
          return square(column.gradients[place])
        }
        let (use, output) = (pass.uses[number], column.outputs[number].converted(to: value.elementType))
        let slopes = use.weight == place ? output * use.input.converted(to: value.elementType) : output
        let inner = Array(1..<max(slopes.rank - 1, 1))
        let ofExamples = inner.isEmpty ? slopes : slopes.sum(axes: inner)
        return slopes.rank < 2 ? square(slopes) : square(ofExamples).sum(axes: [0])
      }
    }
  }
}

extension PassProbe.Kind {
  /// Whether outputs are inputs times a weight.
  var isProduct: Bool {
    switch self {
    case .product, .rows: true
    case .scaleAndShift: false
    }
  }
}
