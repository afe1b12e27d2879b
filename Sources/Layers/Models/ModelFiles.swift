import DescentFiles
import DescentGraph
import DescentTensors

extension Layer {
  /// Writes the model's tensors, running statistics included, as a safetensors file, in one step.
  ///
  /// - Throws: `TensorError` where a parameter has no values yet; `FileError` where the file cannot be written, an
  ///   earlier one being left as it was.
  public func save(to path: String) throws { try Safetensors.write(namedTensors(of: self), to: path) }

  /// The model with the tensors of a file in place of its own, which it need not have yet.
  ///
  /// The file may be one that `save(to:)` wrote, or a checkpoint of a training run, whose parameters and running
  /// statistics are taken.
  ///
  /// - Throws: `FileError` where the file is damaged, or its tensors are not those of this model.
  public func loading(_ path: String) throws -> Self {
    let (tensors, metadata) = try Safetensors.read(path)
    let model = metadata["format"] == CheckpointNames.format ? CheckpointNames.model(in: tensors) : tensors
    return try replacingTensors(of: self, with: model, from: path)
  }
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
package func replacingTensors<Model: Codable>(
  of model: Model, with tensors: [String: Tensor], from path: String
) throws -> Model {
  let tree = try ModelTree(model)
  let names = Set(tree.leaves.map(\.path))
  let missing = tree.leaves.map(\.path).filter { tensors[$0] == nil }
  let extra = tensors.keys.filter { !names.contains($0) }.sorted()
  guard missing.isEmpty, extra.isEmpty else {
    let faults = [
      missing.isEmpty ? nil : "lacks \(listed(missing)), which the model has",
      extra.isEmpty ? nil : "has \(listed(extra)), which the model lacks",
    ]
    throw FileError(path, faults.compactMap(\.self).joined(separator: "; "))
  }
  for leaf in tree.leaves {
    guard let other = tensors[leaf.path] else { continue }
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
  return try tree.rebuilt(Model.self, with: tree.leaves.map { tensors[$0.path] })
}

/// The first few of a list of tensors, and how many more there are.
private func listed(_ names: [String]) -> String {
  let some = names.prefix(4).joined(separator: ", ")
  let noun = names.count == 1 ? "the tensor" : "the tensors"
  return names.count > 4 ? "\(noun) \(some) and \(names.count - 4) more" : "\(noun) \(some)"
}
