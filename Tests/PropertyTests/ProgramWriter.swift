import DescentData

/// Writes programs by chance, the same for the same seed.
struct ProgramWriter {
  private var random: SplitMix64
  private var nextName = 0
  private var budget = 0

  init(seed: Int) { random = SplitMix64(state: UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15) }

  /// A program of at most `steps` operations and transforms.
  mutating func program(steps: Int) -> Program {
    let inputs = (0..<2 + below(2)).map { _ in
      (0..<below(4)).map { _ in [1, 2, 3, 4, 5, below(20) == 0 ? 0 : 2][below(6)] }
    }
    nextName = inputs.count
    // Short programs say what is wrong, long ones find it.
    budget = 1 + (below(3) == 0 ? below(steps) : min(below(steps), below(steps)))
    var body = block(parameters: 0, scope: Array(inputs.indices), steps: budget, depth: 0)
    if body.steps.count > 1, let other = body.steps.dropLast().map(\.name).randomElement(using: &random) {
      body.results.append(other)
    }
    return Program(inputs: inputs, body: body)
  }

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  private mutating func newName() -> Int {
    defer { nextName += 1 }
    return nextName
  }

  private mutating func block(parameters count: Int, scope outer: [Int], steps: Int, depth: Int) -> Block {
    let parameters = (0..<count).map { _ in newName() }
    var scope = outer + parameters
    var block = Block(parameters: parameters, steps: [], results: [])
    for position in 0..<steps where budget > 0 {
      budget -= 1
      // The first step reads the parameter, or little would depend on it.
      let first = position == 0 ? parameters.first : nil
      let step = step(scope: scope, first: first, depth: depth)
      scope.append(step.name)
      block.steps.append(step)
    }
    block.results = [scope[scope.count - 1], scope[max(0, scope.count - 1 - below(3))]]
    return block
  }

  private mutating func step(scope: [Int], first: Int?, depth: Int) -> Step {
    let isTransform = depth < 3 && budget > 0 && below(5) == 0
    let form: Form =
      isTransform
      ? Form.transforms[below(Form.transforms.count)]
      : below(80) == 0 ? .stopped : Form.functions[below(Form.functions.count)]
    let operands = [first ?? pick(scope), pick(scope)]
    let blocks = form.blocks.map { count in
      block(parameters: count, scope: scope, steps: 1 + below(5), depth: depth + 1)
    }
    return Step(
      name: newName(), form: form, operands: operands, numbers: (0..<4).map { _ in below(1000) }, blocks: blocks)
  }

  /// A name in scope, mostly one of the last.
  private mutating func pick(_ scope: [Int]) -> Int {
    below(2) == 0 ? scope[below(scope.count)] : scope[max(0, scope.count - 1 - below(4))]
  }
}

extension SplitMix64: RandomNumberGenerator {}
