import DescentData
import DescentGraph
import DescentOptimizers
import DescentTensors

/// A value taken apart to be arguments of a plan: how it is built, and the values of its tensors.
///
/// The structure holds what coding made, which never changes.
package struct PreparedArguments: @unchecked Sendable {
  let tree: ModelTree
  let literals: [Literal]

  /// - Throws: what walking the value throws, or `TensorError` that a tensor of it carries.
  package init(_ value: some Encodable) throws {
    tree = try ModelTree(value)
    literals = try tree.computed()
  }

  /// An optimizer's hyper-parameters, Float64 scalars.
  ///
  /// They are kept for many steps, and keep nothing of how they came about.
  ///
  /// - Throws: `TensorError` where a setting makes no sense, or what walking the optimizer throws.
  init(settingsOf optimizer: some Optimizer) throws {
    try optimizer.validate()
    let whole = try ModelTree(optimizer)
    (tree, literals) = (whole.withStandIns, try whole.computed())
  }

  /// What plans for the arguments are compiled for.
  var form: ArgumentForm { ArgumentForm([tree]) }

  /// The tensors' paths, such as `learningRate` or `base.beta1`.
  var paths: [String] { tree.leaves.map(\.path) }

  /// The size of the leading axis of the first tensor that has one.
  var leadingSize: Int? {
    tree.leaves.lazy.compactMap { $0.isParameter ? nil : $0.tensor?.shape.first }.first
  }
}

/// What the plans of a step are compiled for, apart from the batch: the forms of the model, of the optimizer and of what
/// it remembers. Made once for many steps, so that it is hashed once.
final class StateForm: Hashable, Sendable {
  private let rule: ObjectIdentifier
  private let form: ArgumentForm
  private let hasStarts: Bool
  private let hash: Int

  init<Rule: Optimizer>(_ values: StepValues, _ settings: PreparedArguments, _ rule: Rule.Type) {
    self.rule = ObjectIdentifier(rule)
    form = ArgumentForm([values.model.tree, values.memory.tree, settings.tree])
    hasStarts = !values.starts.isEmpty
    var hasher = Hasher()
    hasher.combine(self.rule)
    hasher.combine(form)
    hasher.combine(hasStarts)
    hash = hasher.finalize()
  }

  static func == (a: StateForm, b: StateForm) -> Bool {
    a === b || a.hash == b.hash && a.rule == b.rule && a.hasStarts == b.hasStarts && a.form == b.form
  }

  func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
