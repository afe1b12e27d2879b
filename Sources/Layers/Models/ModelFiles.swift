import DescentFiles
import DescentGraph
import DescentTensors

extension Model {
  /// Writes the model's tensors, running statistics included, as a safetensors file, in one step.
  ///
  /// What is frozen is not written, nor anything else that is not a tensor.
  ///
  /// - Throws: `TensorError` where a parameter has no values yet; `FileError` where the file cannot be written, an
  ///   earlier one being left as it was.
  public func save(to path: String) throws { try Safetensors.write(namedTensors(of: self), to: path) }

  /// The model with the tensors of a file in place of its own, which it need not have yet.
  ///
  /// The file may be one that `save(to:)` wrote, a checkpoint of a training run, whose parameters and running statistics
  /// are taken, or an index of several files, whose name ends in `.index.json`. Settings and what is frozen stay those of this model.
  ///
  /// - Throws: `FileError` where the file is damaged, or its tensors are not those of this model.
  public func loading(_ path: String) throws -> Self {
    try replacingTensors(of: self, with: modelTensors(in: path), from: path)
  }

  /// The model with those tensors of a file in place of its own that are not to be left: for beginning with a part of
  /// another model.
  ///
  /// ```swift
  /// var model = try Classifier().loading("base.safetensors", leaving: .paths("head"))
  /// // note: base.safetensors: 12 tensors loaded; left as asked: head.weight, head.bias
  /// ```
  ///
  /// What is left keeps its values, or has none until an example gives it some.
  ///
  /// - Parameters:
  ///   - path: The file: one that `save(to:)` wrote, or a checkpoint of a training run.
  ///   - left: What is left. Anything else that only one of model and file has is an error.
  ///   - report: What to do with the list of what was loaded and what was left; a line to standard error where left out.
  /// - Throws: `FileError` where the file is damaged, or what is taken from it does not fit this model, which names paths
  ///   and shapes; `TensorError` where nothing is at a place that is to be left.
  public func loading(
    _ path: String, leaving left: LeftTensors...,
    reporting report: (LoadingReport) -> Void = LoadingReport.note
  ) throws -> Self {
    let (model, found) = try replacingTensors(of: self, with: modelTensors(in: path), from: path, leaving: left)
    report(found)
    return model
  }
}

/// The tensors of a model in a file that holds one, or a checkpoint of its training.
private func modelTensors(in path: String) throws -> [String: Tensor] {
  let (tensors, metadata) = try path.hasSuffix(".index.json") ? Safetensors.read(index: path) : Safetensors.read(path)
  return metadata["format"] == CheckpointNames.format ? CheckpointNames.model(in: tensors) : tensors
}

/// What a checkpoint of a training run calls its tensors.
package enum CheckpointNames {
  /// What says in a file that it is such a checkpoint.
  package static let format = "descent-checkpoint-1"
  private static let prefix = "model."

  /// The name of a tensor of the model.
  package static func model(_ path: String) -> String { prefix + path }

  /// The tensors of the model by their paths; the optimizer's memory is left out.
  package static func model(in tensors: [String: Tensor]) -> [String: Tensor] {
    var model: [String: Tensor] = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix) { model[String(name.dropFirst(prefix.count))] = tensor }
    return model
  }
}

/// A model's tensors by their paths.
///
/// - Throws: `TensorError` where a parameter has no values yet, or two tensors have one path.
package func namedTensors(of model: some Encodable) throws -> [String: Tensor] {
  var tensors: [String: Tensor] = [:]
  for leaf in try ModelTree(model).leaves {
    guard let tensor = leaf.tensor else {
      throw TensorError(leaf.path, "has no values yet; give the model an example, train it, or load a file")
    }
    guard tensors.updateValue(tensor, forKey: leaf.path) == nil else {
      throw TensorError(leaf.path, "is the path of two tensors of the model; rename one of the properties")
    }
  }
  return tensors
}

/// A model with other tensors, found by their paths, in place of its own.
///
/// - Parameter path: The file that errors name.
/// - Throws: `FileError` where tensors are missing or left over, or differ in shape or element type from those that
///   the model has.
package func replacingTensors<Value: Codable>(
  of model: Value, with tensors: [String: Tensor], from path: String
) throws -> Value { try replacingTensors(of: model, with: tensors, from: path, leaving: []).model }

/// A model with other tensors in place of those of its own that are not to be left; see `replacingTensors(of:with:from:)`.
package func replacingTensors<Value: Codable>(
  of model: Value, with tensors: [String: Tensor], from path: String, leaving selections: [LeftTensors]
) throws -> (model: Value, report: LoadingReport) {
  let tree = try ModelTree(model)
  let names = Set(tree.leaves.map(\.path))
  let left = try selections.chosen(among: tree.leaves, and: tensors.keys)
  let missing = tree.leaves.map(\.path).filter { tensors[$0] == nil && !left.contains($0) }
  let extra = tensors.keys.filter { !names.contains($0) && !left.contains($0) }.sorted()
  let faults = [
    missing.isEmpty || selections.contains(.missing) ? nil : "lacks \(listed(missing)), which the model has",
    extra.isEmpty || selections.contains(.extra) ? nil : "has \(listed(extra)), which the model lacks",
  ].compactMap(\.self)
  guard faults.isEmpty else { throw FileError(path, faults.joined(separator: "; ")) }
  func taken(_ leaf: ModelTree.Leaf) -> Tensor? { left.contains(leaf.path) ? nil : tensors[leaf.path] }
  for leaf in tree.leaves {
    guard let other = taken(leaf) else { continue }
    if let error = other.error { throw FileError(path, error.message) }
    guard let own = leaf.tensor else { continue }
    guard own.shape == other.shape else {
      throw FileError(path, "the tensor \(leaf.path) has the shape \(other.shape), the model's has \(own.shape)")
    }
    guard own.elementType == other.elementType else {
      throw FileError(
        path, "the tensor \(leaf.path) has elements of \(other.elementType), the model's of \(own.elementType)")
    }
  }
  let loaded = tree.leaves.filter { taken($0) != nil }.map(\.path)
  let report = LoadingReport(
    file: path, loaded: loaded, left: tree.leaves.map(\.path).filter(left.contains), missing: missing,
    extra: tensors.keys.filter { !names.contains($0) }.sorted())
  return (try tree.rebuilt(Value.self, with: tree.leaves.map { taken($0) ?? $0.tensor }), report)
}

/// The first few of a list of tensors, and how many more there are, as errors name them.
package func listed(_ names: [String]) -> String {
  let some = names.prefix(4).joined(separator: ", ")
  let noun = names.count == 1 ? "the tensor" : "the tensors"
  return names.count > 4 ? "\(noun) \(some) and \(names.count - 4) more" : "\(noun) \(some)"
}
