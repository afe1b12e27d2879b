import DescentGraph
import DescentTensors

/// A function of a model, at places that a few numbers give: the model plus these multiples of directions, as one plan.
final class ModelSlice {
  private let plan: CompiledFunction
  private let count: Int

  /// - Parameters:
  ///   - tree: The model at place 0.
  ///   - directions: For each tensor of the model what is added, `nil` for nothing.
  ///   - loss: Gives one number.
  init<Model: Codable>(_ tree: ModelTree, directions: [[Tensor?]], of loss: (Model) throws -> Tensor) throws {
    count = directions.count
    let epoch = Trace.beginRecording()
    let place = Tensor.placeholder(TensorType([directions.count], .float64), name: "place")
    let tensors = tree.leaves.enumerated().map { index, leaf -> Tensor? in
      guard var tensor = leaf.tensor else { return nil }
      for (number, direction) in directions.enumerated() {
        guard let change = direction[index] else { continue }
        tensor = tensor + place[number].converted(to: tensor.elementType) * change
      }
      return tensor
    }
    let model = try tree.rebuilt(Model.self, with: tensors, identities: tree.leaves.map(\.identity))
    let value = try Landscape.number(try loss(model), of: "Landscape")
    plan = try CompiledFunction(Trace(arguments: [place], outputs: [value], since: epoch))
  }

  func value(at place: [Double]) throws -> Double {
    try plan.run([try Buffer.doubles(place, [count])])[0].firstElement(as: Double.self)
  }
}

extension ModelTree {
  /// A random direction in which each filter of the model is as long as it is there.
  func filterDirection(_ key: RandomKey) throws -> [Tensor?] {
    let direction = try leaves.map { leaf -> Tensor? in
      if let error = leaf.tensor?.error { throw error }
      guard leaf.isTrained, let tensor = leaf.tensor, tensor.rank >= 2 else { return nil }
      let axes = Array(0..<tensor.rank - 1)
      let wide = tensor.converted(to: .float64)
      let drawn = key.split(leaf.path).normal(tensor.shape).converted(to: .float64)
      let lengths = wide.norm(axes: axes, keepingAxes: true) / drawn.norm(axes: axes, keepingAxes: true)
      // Read, so that the plan holds numbers and not the way to them.
      let change = (drawn * lengths).converted(to: tensor.elementType)
      _ = try change.scalars()
      return change
    }
    guard direction.contains(where: { $0 != nil }) else {
      throw TensorError(
        "Landscape", "the model has no tensor of two or more axes that is trained, so that there are no filters")
    }
    return direction
  }
}
