import DescentGraph
import DescentTensors

/// A layer whose weights are given by their directions and lengths: w = g · v / |v| for each output.
///
/// ```swift
/// var hidden = WeightNorm(Dense(units: 64))
/// ```
///
/// The layer's own weights are the directions v, of any length; the lengths g `[outputs]` begin with theirs, so that it
/// begins as it would alone; an output whose weights are all 0 has no direction, and stays 0. Source: Salimans and Kingma, "Weight normalization", 2016.
public struct WeightNorm<Inner: WeightedLayer>: Layer {
  /// The layer, whose weights are directions.
  public var layer: Inner
  /// The length of each output's weights.
  public var length = Parameter()

  /// A layer with normalized weights.
  public init(_ layer: Inner) { self.layer = layer }

  /// What the layer makes of an input by the normalized weights.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    layer.output(input) { direction in
      guard direction.error == nil, direction.rank >= 2 else { return direction }
      let axis = direction.rank + Inner.outputAxis
      let type = direction.elementType.accumulator
      let wide = direction.converted(to: type)
      let squares = square(wide).sum(axes: direction.shape.indices.filter { $0 != axis }, keepingAxes: true)
      let isZero = squares .== number(0, type)
      let norms = sqrt(`where`(isZero, number(1, type), squares))
      let lengths = length.bound(to: [direction.shape[axis]], in: "WeightNorm", as: type) { _, shape in
        `where`(isZero, number(0, type), norms).reshaped(shape)
      }
      if lengths.error != nil { return lengths }
      let factors = lengths.converted(to: type).reshaped(norms.shape) / norms
      return (wide * factors).converted(to: direction.elementType)
    }
  }
}
