import DescentGraph
import DescentPlotting
import DescentTensors

extension Landscape {
  /// A plane through a network's loss: the model at its center, and two random directions in which every filter is as long
  /// as the model's own, so that networks of different scales can be compared.
  ///
  /// A filter is what leads to one number of a layer's result: the elements of a tensor of two or more axes that share
  /// their place on the last one. Tensors of one axis, such as biases and scales, stay as they are.
  ///
  /// Source: Li et al., "Visualizing the loss landscape of neural nets", 2018.
  ///
  /// - Parameters:
  ///   - loss: Gives one number from a model; what it takes from outside, such as data, is the same everywhere.
  ///   - model: The model at the center.
  ///   - extent: How far the plane reaches, as a multiple of the filters' lengths.
  ///   - resolution: How many values along each side, from 2 to 2,000; each is a pass.
  ///   - seed: The seed of the directions.
  /// - Throws: `TensorError` of a mistake in the loss, and where the model has no filters.
  public static func slice<Model: Codable>(
    of loss: (Model) throws -> Tensor, around model: Model, extent: Double = 1, resolution: Int = 25, seed: UInt64 = 0
  ) throws -> Landscape {
    guard extent > 0, extent.isFinite else {
      throw TensorError("Landscape", "an extent of \(extent), where more than 0 is needed")
    }
    let range = -extent...extent
    try check(range, range, resolution)
    let tree = try ModelTree(model)
    let keys = [RandomKey(seed: seed).split(0), RandomKey(seed: seed).split(1)]
    let slice = try ModelSlice(tree, directions: keys.map { try tree.filterDirection($0) }, of: loss)
    let places = places(range, resolution)
    let values = try places.map { height in try places.map { try slice.value(at: [$0, height]) } }
    return Landscape(
      values: values, x: range, y: range, xTitle: "first direction", yTitle: "second direction")
  }
}

/// A function along a line: from one model to another, or from a model in a random direction.
public struct LandscapeLine: Sendable {
  /// Where on the line the values were taken.
  public let places: [Double]
  /// The values.
  public let values: [Double]
  /// What the places are.
  public var title: String

  /// A random direction through a network's loss, in which every filter is as long as the model's own; see
  /// `Landscape.slice(of:around:extent:resolution:seed:)`.
  ///
  /// - Parameters:
  ///   - loss: Gives one number from a model.
  ///   - model: The model at place 0.
  ///   - extent: How far the line reaches on both sides, as a multiple of the filters' lengths.
  ///   - resolution: How many values, from 2 to 2,000; each is a pass.
  ///   - seed: The seed of the direction.
  /// - Throws: `TensorError` of a mistake in the loss, and where the model has no filters.
  public static func slice<Model: Codable>(
    of loss: (Model) throws -> Tensor, around model: Model, extent: Double = 1, resolution: Int = 51, seed: UInt64 = 0
  ) throws -> LandscapeLine {
    guard extent > 0, extent.isFinite else {
      throw TensorError("LandscapeLine", "an extent of \(extent), where more than 0 is needed")
    }
    let range = -extent...extent
    try Landscape.check(range, nil, resolution)
    let tree = try ModelTree(model)
    let direction = try tree.filterDirection(RandomKey(seed: seed).split(0))
    let slice = try ModelSlice(tree, directions: [direction], of: loss)
    let places = Landscape.places(range, resolution)
    return LandscapeLine(places: places, values: try places.map { try slice.value(at: [$0]) }, title: "direction")
  }

  /// The straight line from one model to another, which shows whether a barrier stands between two minima.
  ///
  /// Source: Goodfellow et al., "Qualitatively characterizing neural network optimization problems", 2015.
  ///
  /// - Parameters:
  ///   - loss: Gives one number from a model.
  ///   - first: The model at place 0.
  ///   - second: The model at place 1, of the same form.
  ///   - beyond: How far the line goes on at both ends, as a share of its length.
  ///   - resolution: How many values, from 2 to 2,000; each is a pass.
  /// - Throws: `TensorError` of a mistake in the loss, and where the models have not the same form.
  public static func between<Model: Codable>(
    _ first: Model, _ second: Model, of loss: (Model) throws -> Tensor, beyond: Double = 0.25, resolution: Int = 51
  ) throws -> LandscapeLine {
    guard beyond >= 0, beyond.isFinite else {
      throw TensorError("LandscapeLine", "a line that goes on by \(beyond), where 0 or more is needed")
    }
    let range = -beyond...(1 + beyond)
    try Landscape.check(range, nil, resolution)
    let (tree, other) = (try ModelTree(first), try ModelTree(second))
    guard tree.leaves.count == other.leaves.count else {
      throw TensorError(
        "LandscapeLine", "the models have \(tree.leaves.count) and \(other.leaves.count) tensors; they need the same")
    }
    let direction = try tree.leaves.indices.map { index -> Tensor? in
      let (own, its) = (tree.leaves[index], other.leaves[index])
      guard own.path == its.path, own.tensor?.type == its.tensor?.type else {
        throw TensorError(
          "LandscapeLine",
          "'\(own.path)' \(own.tensor?.type.description ?? "without values") of the first model meets '\(its.path)'"
            + " \(its.tensor?.type.description ?? "without values") of the second")
      }
      // A running statistic goes along, since the loss at the end would be another without.
      guard let a = own.tensor, let b = its.tensor, a.elementType.isFloatingPoint else { return nil }
      return b - a
    }
    let slice = try ModelSlice(tree, directions: [direction], of: loss)
    let places = Landscape.places(range, resolution)
    return LandscapeLine(
      places: places, values: try places.map { try slice.value(at: [$0]) }, title: "from the first to the second")
  }

  /// The line as a mark of a chart, for several lines in one.
  ///
  /// - Parameter name: How the legend calls it.
  public func mark(_ name: String = "") -> Chart.Mark { .line(places, values, name: name) }

  /// The line as a chart.
  ///
  /// - Parameters:
  ///   - title: The line above it.
  ///   - subtitle: A smaller line below the title.
  ///   - scale: How values become heights.
  public func chart(
    _ title: String = "", subtitle: String = "", scale: Chart.Axis.Scale = .linear
  ) -> Chart {
    Chart(title, subtitle: subtitle, x: Chart.Axis(self.title), y: Chart.Axis("loss", scale), [mark()])
  }
}
