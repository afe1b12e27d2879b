import DescentGraph
import DescentOptimizers
import DescentTensors

/// An optimizer taken apart: its hyper-parameters, which are arguments of a step's plan, and the rest of it.
struct OptimizerSettings: Sendable {
  let structure: StepValues.Structure
  /// The hyper-parameters, Float64 scalars.
  let numbers: [Literal]

  /// - Throws: `TensorError` where a setting makes no sense, or what walking the optimizer throws.
  init<Rule: Optimizer>(_ optimizer: Rule) throws {
    try optimizer.validate()
    let tree = try ModelTree(optimizer)
    numbers = try tree.computed()
    structure = StepValues.Structure(tree: tree.withStandIns)
  }

  /// The hyper-parameters' paths, such as `learningRate` or `base.beta1`.
  var paths: [String] { structure.tree.leaves.map(\.path) }
}

/// What the plans of a step are compiled for, apart from the batch: the forms of the model, of the optimizer and of what
/// it remembers. Made once for many steps, so that it is hashed once.
final class StateForm: Hashable, Sendable {
  private let rule: ObjectIdentifier
  private let form: ArgumentForm
  private let hash: Int

  init<Rule: Optimizer>(_ values: StepValues, _ settings: OptimizerSettings, _ rule: Rule.Type) {
    self.rule = ObjectIdentifier(rule)
    form = ArgumentForm([values.model.tree, values.memory.tree, settings.structure.tree])
    var hasher = Hasher()
    hasher.combine(self.rule)
    hasher.combine(form)
    hash = hasher.finalize()
  }

  static func == (a: StateForm, b: StateForm) -> Bool {
    a === b || a.hash == b.hash && a.rule == b.rule && a.form == b.form
  }

  func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
