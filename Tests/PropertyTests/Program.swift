/// A function of some tensors, written down as data: what a generator writes, a runner applies and a shrinker cuts.
///
/// Every value of this type means something: operands that do not fit are made to fit, and numbers choose among what is
/// possible where they are read. So a part can be taken out, or a shape changed, without looking at the rest.
struct Program: Sendable, Equatable {
  /// The shapes of the arguments; argument `i` has the name `i`.
  var inputs: [[Int]]
  /// What is computed.
  var body: Block
}

/// Steps one after the other, inside a program or inside a transform.
struct Block: Sendable, Equatable {
  /// The names under which steps know what the block is applied to.
  var parameters: [Int]
  /// What is computed, in order.
  var steps: [Step]
  /// The names of what is given back.
  var results: [Int]
}

/// One value that is computed from earlier ones, its own block's or an outer one's.
struct Step: Sendable, Equatable {
  /// The name by which later steps know the value.
  var name: Int
  /// How it is computed.
  var form: Form
  /// What it is computed from.
  var operands: [Int]
  /// What chooses among the functions of the form, and among axes and sizes.
  var numbers: [Int]
  /// The functions that a transform is applied to.
  var blocks: [Block] = []
}

/// The ways in which a value is made.
enum Form: String, Sendable, CaseIterable {
  case elementwise, combined, moved, reduced, joined, contracted, indexed, stopped
  case gradient, tangent, cotangent, linearized, curvature, jacobian, hessian
  case vectorized, checkpointed, custom, scan, choice, branches, whileLoop

  /// How many functions of how many parameters the form is applied to; empty where it is no transform.
  var blocks: [Int] {
    switch self {
    case .elementwise, .combined, .moved, .reduced, .joined, .contracted, .indexed, .stopped: []
    case .gradient, .tangent, .cotangent, .linearized, .curvature, .jacobian, .hessian, .checkpointed, .custom: [1]
    case .vectorized: [2]
    case .scan: [2]
    case .choice: [0, 0]
    case .branches: [0, 0, 0]
    case .whileLoop: [1]
    }
  }

  static let functions = allCases.filter { $0.blocks.isEmpty && $0 != .stopped }
  static let transforms = allCases.filter { !$0.blocks.isEmpty }

  /// Whether the derivative is what the formula says, so that differences can be held against it.
  var isDifferentiated: Bool { self != .stopped && self != .whileLoop }
}

extension Block {
  /// The steps, and those of the functions in them.
  var allSteps: [Step] { steps.flatMap { [$0] + $0.blocks.flatMap(\.allSteps) } }

  /// The block with every mention of a name as an operand or a result replaced by another one.
  func renaming(_ old: Int, to new: Int) -> Block {
    Block(
      parameters: parameters,
      steps: steps.map { step in
        var step = step
        step.operands = step.operands.map { $0 == old ? new : $0 }
        step.blocks = step.blocks.map { $0.renaming(old, to: new) }
        return step
      },
      results: results.map { $0 == old ? new : $0 })
  }

  /// The block without a step; whoever read it reads its first operand.
  func removing(_ index: Int) -> Block {
    var block = self
    let step = block.steps.remove(at: index)
    return block.renaming(step.name, to: step.operands.first ?? step.name)
  }

  /// The block with the steps of a transform's function in place of the transform.
  func unwrapping(_ index: Int, _ function: Int) -> Block {
    var block = self
    let step = block.steps[index]
    var inner = step.blocks[function]
    for (position, parameter) in inner.parameters.enumerated() {
      let operand = step.operands[min(position, step.operands.count - 1)]
      inner = inner.renaming(parameter, to: operand)
    }
    block.steps.replaceSubrange(index...index, with: inner.steps)
    return block.renaming(step.name, to: inner.results.first ?? step.operands.first ?? step.name)
  }
}

extension Program {
  /// How many operations and transforms there are.
  var size: Int { body.allSteps.count }

  /// Whether differences can be held against the derivative.
  var isDifferentiated: Bool { body.allSteps.allSatisfy(\.form.isDifferentiated) }
}
