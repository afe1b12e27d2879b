import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors

/// How the tensors of a checkpoint lead to the parameters of a model: a table of names, with a rule for each that says how the
/// numbers lie. In a name, `#` stands for the number of a layer.
struct WeightTable {
  /// A part of the checkpoint's model, and the part of ours that takes its tensors.
  struct Rule {
    /// How the tensors of a part lie.
    enum Form {
      /// `weight` as it is.
      case table
      /// `weight` and `bias` are `scale` and `shift`.
      case norm
      /// `weight` is `[outputs, inputs]`, as in PyTorch's `nn.Linear`, and is transposed.
      case linear
      /// `weight` is `[inputs, outputs]`, as in the `Conv1D` of GPT-2's first code. Several parts lie side by side.
      case columns
    }

    let source: String
    let targets: [String]
    let form: Form

    private init(_ source: String, _ targets: [String], _ form: Form) {
      (self.source, self.targets, self.form) = (source, targets, form)
    }

    static func table(_ source: String, _ target: String) -> Rule { Rule(source, [target], .table) }
    static func norm(_ source: String, _ target: String) -> Rule { Rule(source, [target], .norm) }
    static func linear(_ source: String, _ target: String) -> Rule { Rule(source, [target], .linear) }
    static func columns(_ source: String, _ targets: String...) -> Rule { Rule(source, targets, .columns) }
  }

  /// What stands before the names in the checkpoint of a model with a head, and may be missing in that of one without.
  let prefix: String
  let rules: [Rule]
  /// Tensors that are left where they are: what follows from the configuration, and heads for other tasks. A name that ends in
  /// a dot means all that begin so.
  let ignored: [String]

  /// The tensors that a model takes, one by one.
  private struct Entry {
    let source: String
    /// The paths of our parameters, with their shapes.
    let targets: [(path: String, shape: Shape)]
    let form: Rule.Form
    let isTransposed: Bool

    /// The shape in the checkpoint.
    var shape: Shape {
      var sizes = targets[0].shape.sizes
      if targets.count > 1 { sizes[sizes.count - 1] = targets.reduce(0) { $0 + ($1.shape.sizes.last ?? 0) } }
      return Shape(isTransposed ? sizes.reversed() : sizes)
    }

    /// Our parameters.
    func parameters(from tensor: Tensor) -> [Tensor] {
      if targets.count == 1 { return [isTransposed ? tensor.transposed() : tensor] }
      return tensor.split(targets.map { $0.shape.sizes.last ?? 0 }, axis: -1)
    }
  }

  /// A model with the tensors of a checkpoint.
  ///
  /// - Parameters:
  ///   - model: The model without values.
  ///   - shapes: The shapes of its parameters by their paths.
  ///   - weights: The checkpoint's tensors.
  ///   - elementType: The type that the parameters get; those of normalizations get the type for sums where it is narrow.
  /// - Throws: `FileError` of tensors that are missing or left over, have another shape, or are not of floating-point numbers.
  func model<Network: Model>(
    _ model: Network, shapes: [String: Shape], taking weights: PretrainedWeights, as elementType: ElementType
  ) throws -> Network {
    let entries = try entries(of: shapes, hasPrefix: weights.names.contains { $0.hasPrefix(prefix) })
    try check(entries, weights)
    var values: [String: Tensor] = [:]
    for entry in entries {
      // One after the other, so that the numbers exist twice for one tensor at a time.
      let tensor = try weights.tensor(named: entry.source)
      let type = entry.form == .norm ? elementType.accumulator : elementType
      let parameters = entry.parameters(from: tensor).map { $0.converted(to: type) }
      try evaluate(parameters)
      for (target, parameter) in zip(entry.targets, parameters) { values[target.path] = parameter }
    }
    let tree = try ModelTree(model)
    return try tree.rebuilt(Network.self, with: tree.leaves.map { values[$0.path] })
  }

  /// What is to be read for a model's parameters.
  private func entries(of shapes: [String: Shape], hasPrefix: Bool) throws -> [Entry] {
    var entries: [Entry] = []
    var rest = shapes
    for rule in rules {
      for number in 0... {
        let source = Self.filled(rule.source, number)
        let name = !hasPrefix && source.hasPrefix(prefix) ? String(source.dropFirst(prefix.count)) : source
        var found = false
        for (theirs, ours) in rule.form == .norm
          ? [("weight", "scale"), ("bias", "shift")] : [("weight", "weight"), ("bias", "bias")]
        {
          let targets = rule.targets.compactMap { target -> (path: String, shape: Shape)? in
            let path = "\(Self.filled(target, number)).\(ours)"
            return rest.removeValue(forKey: path).map { (path, $0) }
          }
          guard targets.count == rule.targets.count else { continue }
          found = true
          entries.append(
            Entry(
              source: "\(name).\(theirs)", targets: targets, form: rule.form,
              isTransposed: rule.form == .linear && theirs == "weight"))
        }
        if !found || !rule.source.contains("#") { break }
      }
    }
    guard let left = rest.keys.sorted().first else { return entries }
    throw TensorError(left, "is a parameter that the table of names does not have")
  }

  private static func filled(_ name: String, _ number: Int) -> String {
    guard let place = name.firstIndex(of: "#") else { return name }
    return name[..<place] + "\(number)" + name[name.index(after: place)...]
  }

  /// Holds what is to be read against what is there, before anything is read.
  private func check(_ entries: [Entry], _ weights: PretrainedWeights) throws {
    let wanted = Set(entries.map(\.source))
    let missing = entries.map(\.source).filter { weights.type(of: $0) == nil }
    let extra = weights.names.filter { !wanted.contains($0) && !isIgnored($0) }.sorted()
    let faults = [
      missing.isEmpty ? nil : "lacks \(listed(missing)), which its configuration asks for",
      extra.isEmpty ? nil : "has \(listed(extra)), which its configuration does not ask for",
    ].compactMap(\.self)
    guard faults.isEmpty else { throw FileError(weights.path, faults.joined(separator: "; ")) }
    for entry in entries {
      guard let type = weights.type(of: entry.source) else { continue }
      let (title, isQuantized) = (
        "the tensor \(entry.source)", "not floating-point numbers: quantized weights are not read"
      )
      if let unknown = weights.unknownType(of: entry.source) {
        throw FileError(weights.path, "\(title) has the dtype \(unknown), which is not known here")
      }
      guard type.elementType.isFloatingPoint else {
        throw FileError(weights.path, "\(title) has elements of \(type.elementType), \(isQuantized)")
      }
      guard type.shape == entry.shape else {
        throw FileError(
          weights.path, "\(title) has the shape \(type.shape), its configuration asks for \(entry.shape)")
      }
    }
  }

  private func isIgnored(_ name: String) -> Bool {
    ignored.contains { pattern in
      let forms = [pattern, pattern.hasPrefix(prefix) ? String(pattern.dropFirst(prefix.count)) : pattern]
      return forms.contains { form in
        if form.hasSuffix(".") { return name.hasPrefix(form) }
        let parts = form.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count == 2, name.hasPrefix(parts[0]), name.hasSuffix(parts[1]) else { return name == form }
        return Int(name.dropFirst(parts[0].count).dropLast(parts[1].count)) != nil
      }
    }
  }
}
