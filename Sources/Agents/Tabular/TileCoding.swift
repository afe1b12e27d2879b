import DescentGraph
import DescentTensors

/// Numbers as a few of many cells: several grids over a box, each moved a little, of which every point lies in one tile each.
///
/// A table of values over the cells is then a function that is constant on small pieces and generalizes to near ones. Source: Sutton and
/// Barto, "Reinforcement Learning", section 9.5.4, with displacements by the first odd numbers.
public struct TileCoding: Hashable, Sendable, Codable {
  /// The lower bound of each component.
  public let low: [Double]
  /// The upper bound of each component.
  public let high: [Double]
  /// The number of tiles along each component in a grid.
  public let tiles: Int
  /// The number of grids.
  public let tilings: Int

  /// Makes a coding of the points of a box; what lies outside counts as at its border.
  ///
  /// - Parameters:
  ///   - low: The lower bound of each component.
  ///   - high: The upper bound of each component.
  ///   - tiles: The number of tiles along each component in a grid.
  ///   - tilings: The number of grids.
  public init(low: [Double], high: [Double], tiles: Int = 8, tilings: Int = 8) {
    (self.low, self.high, self.tiles, self.tilings) = (low, high, tiles, tilings)
  }

  /// The number of cells in all grids; `nil` where there are too many to count.
  var cellCount: Int? {
    var count: Int? = tilings
    for _ in low { count = count.flatMap { Shape([$0, tiles + 1]).checkedCount } }
    return count
  }

  /// What is wrong with the coding for an observation space, `nil` where nothing is.
  func fault(_ space: ObservationSpace, _ name: String) -> TensorError? {
    guard !low.isEmpty, low.count == high.count, zip(low, high).allSatisfy({ $0 < $1 && $0.isFinite && $1.isFinite })
    else {
      return TensorError(name, "tiles need finite bounds in order, found \(low) and \(high)")
    }
    guard space.shape == [low.count], !space.isDiscrete else {
      return TensorError(name, "tiles over \(low.count) components, observations are \(space)")
    }
    guard tiles >= 1, tilings >= 1, let cells = cellCount, cells <= 1 << 24 else {
      return TensorError(
        name, "\(tilings) grids of \(tiles) tiles along \(low.count) components, which is none or more than 2²⁴ tiles")
    }
    return nil
  }

  /// The cells of points `[…, components]`: `[…, tilings]`, as int32.
  func cells(_ points: Tensor) -> Tensor {
    let scales = zip(low, high).map { Double(tiles) / ($1 - $0) }
    let whole = (points.converted(to: .float32) - Tensor(low)) * Tensor(scales)
    let inside = whole.clamped(0, Double(tiles) - 1e-4 * Double(tiles)).expanded(axis: -2)
    let offsets = (0..<tilings).flatMap { tiling in
      low.indices.map { Double((2 * $0 + 1) * tiling % tilings) / Double(tilings) }
    }
    let places = floor(inside + Tensor(offsets, shape: [tilings, low.count])).converted(to: .int32)
    let side = tiles + 1
    let strides = low.indices.map { component in (component + 1..<low.count).reduce(1) { stride, _ in stride * side } }
    let inGrid = (places * Tensor(integers: strides)).sum(axes: [-1])
    let perGrid = strides[0] * side
    return inGrid + Tensor(integers: (0..<tilings).map { $0 * perGrid })
  }
}
