import DescentGraph
import DescentTensors

extension ProgramRunner {
  /// The value of a transform of a step's functions, and what was done in words.
  ///
  /// Derivatives are compressed by asinh, which keeps them small and hides little.
  func transformed(_ step: Step, _ x: Tensor, _ y: Tensor, _ scope: [Int: Tensor]) throws -> (Tensor, String) {
    let name = step.form.rawValue
    let block = step.blocks[0]
    func value(_ x: Tensor) throws -> Tensor { try run(block, [x], scope)[0] }
    func bounded(_ parts: Tensor...) -> Tensor {
      asinh(parts.dropFirst().reduce(parts[0]) { $0 + $1.fitted(to: parts[0].shape) })
    }
    switch step.form {
    case .gradient:
      note(block, "↦ sum of 0.7 sin of the first result")
      return (bounded(try DescentTensors.gradient(at: x) { try value($0).scalar }), name)
    case .tangent:
      let direction = y.fitted(to: x.shape)
      note(block, "along the second operand; value and tangent are added")
      let (result, tangent) = try jacobianVectorProduct(at: x, along: direction) { try value($0) }
      return (bounded(result, tangent), name)
    case .cotangent:
      note(block, "from the cosine of the result")
      let (result, back) = try pullback(at: x) { try value($0) }
      return (bounded(try back(cos(result))), name)
    case .linearized:
      note(block, "along the second operand, and along its sine")
      let (result, map) = try linearize(at: x) { try value($0) }
      let direction = y.fitted(to: x.shape)
      return (bounded(result, try map(direction), try map(sin(direction))), name)
    case .curvature:
      note(block, "↦ sum of 0.7 sin of the first result; its Hessian times the second operand")
      return (bounded(try hessianVectorProduct(at: x, along: y.fitted(to: x.shape)) { try value($0).scalar }), name)
    case .jacobian:
      note(block, "of the first six numbers; the first five of the result")
      return (bounded(try DescentTensors.jacobian(at: x.first(6)) { try value($0).first(5) }), name)
    case .hessian:
      note(block, "of the first four numbers ↦ sum of 0.7 sin of the first result")
      return (bounded(try DescentTensors.hessian(at: x.first(4)) { try value($0).scalar }), name)
    case .checkpointed:
      let policy: [Retention] = [.nothing, .products, .named(["kept"]), .everything]
      let kept = policy[step.numbers[0] % policy.count]
      let function: (Tensor) throws -> Tensor = checkpointed(policy: kept) { try value($0) }
      return (try function(x), "\(name) keeping \(kept)")
    case .custom: return (try custom(step, x), "customGradient by its own derivative")
    case .vectorized: return try mapped(step, x, y, scope)
    case .scan: return try scanned(step, x, y, scope)
    case .choice, .branches: return try chosen(step, x, scope)
    case .whileLoop: return (try repeated(step, x, scope), "stopGradient of whileLoop")
    default: return (x, name)
    }
  }

  private func custom(_ step: Step, _ x: Tensor) throws -> Tensor {
    // A rule has no derivative in what it takes from outside, so that it takes nothing.
    func value(_ x: Tensor) throws -> Tensor { try run(step.blocks[0], [x], [:])[0] }
    return try customGradient(x) {
      try value($0)
    } tangent: { x, direction in
      try self.silently { try jacobianVectorProduct(at: x, along: direction) { try value($0) }.tangent }
    }
  }

  private func mapped(
    _ step: Step, _ x: Tensor, _ y: Tensor, _ scope: [Int: Tensor]
  ) throws -> (Tensor, String) {
    let block = step.blocks[0]
    let examples = x.listed
    let axis = step.numbers[0] % examples.rank
    let count = examples.shape[axis]
    if count == 0 { return (sin(x), "sin") }
    let isShared = step.numbers[1] % 2 == 0
    let second = isShared ? y : stacked((0..<count).map { y * (1 - 0.25 * Double($0)) })
    note(
      block, "along axis \(axis) of the first, \(isShared ? "all of the second" : "axis 0 of multiples of the second")")
    let function: (Tensor, Tensor) throws -> Tensor = vectorized(over: axis, isShared ? nil : 0) {
      try self.run(block, [$0, $1], scope)[0]
    }
    return (try function(examples, second), "vectorized")
  }

  private func scanned(
    _ step: Step, _ x: Tensor, _ y: Tensor, _ scope: [Int: Tensor]
  ) throws -> (Tensor, String) {
    let block = step.blocks[0]
    let (sequence, isReversed, isPair) = (x.listed, step.numbers[0] % 3 == 0, step.numbers[1] % 3 == 0)
    note(block, "= state from the second operand, slice of the first; next state is tanh of the first result")
    // A second state that counts along, and that the first one reads.
    let state = isPair ? [y, Tensor(repeating: 0.25, shape: y.shape, float)] : [y]
    let (last, outputs) = try DescentTensors.scan(over: sequence, from: state, reversed: isReversed) {
      (state: [Tensor], slice: Tensor) throws in
      let results = try self.run(block, [state[0], slice], scope)
      let next = tanh(results[0].fitted(to: y.shape))
      let output = results[results.count - 1]
      return (isPair ? [next + 0.1 * state[1], 0.5 * state[1] + 0.1] : [next], output)
    }
    let total = tanh(last.dropFirst().reduce(last[0]) { $0 + $1 })
    let words = "scan" + (isReversed ? " reversed" : "") + (isPair ? " with a second state" : "")
    return step.numbers[2] % 2 == 0
      ? (total, words + ", last state") : (outputs + 0.5 * total.scalar, words + ", outputs")
  }

  private func chosen(_ step: Step, _ x: Tensor, _ scope: [Int: Tensor]) throws -> (Tensor, String) {
    func function(_ block: Block) -> () throws -> Tensor {
      { try self.run(block, [], scope)[0].fitted(to: x.shape) }
    }
    let functions = step.blocks.map(function)
    if step.form == .choice {
      return (
        try cond(x.sum() .> 0.017, then: functions[0], else: functions[1]), "cond on sum > 0.017"
      )
    }
    let index = floor(1.3 * x.sum() + 1.1).converted(to: .int32)
    return (try branch(index, functions), "branch at floor(1.3 sum + 1.1)")
  }

  private func repeated(_ step: Step, _ x: Tensor, _ scope: [Int: Tensor]) throws -> Tensor {
    let limit = 1 + step.numbers[0] % 4
    let last = try DescentTensors.whileLoop(from: [x, Tensor(0, .int32)]) { state throws in
      (state[1] .< Tensor(integers: [limit], shape: [])) .& (abs(state[0]).sum() .< 31.7)
    } do: { state throws in
      let next = try self.run(step.blocks[0], [state[0]], scope)[0].fitted(to: x.shape)
      return [next + 0.5 * state[0], state[1] + Tensor(integers: [1], shape: [])]
    }
    return tanh(stopGradient(last[0]))
  }
}
