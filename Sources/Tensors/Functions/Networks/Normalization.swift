import DescentGraph

// Normalization without learned numbers: scale and shift are a product and a sum after it.

/// A tensor less its mean, divided by its standard deviation, over the given axes.
///
/// Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
/// - Parameter epsilon: What is added to the variance for numerical stability.
public func layerNorm(_ x: Tensor, axes: any AxisList = -1, epsilon: Double = 1e-5) -> Tensor {
  .accumulated("layerNorm", x) { x in
    let centered = x - x.mean(axes: axes, keepingAxes: true)
    return centered * rsqrt(square(centered).mean(axes: axes, keepingAxes: true) + x.number(epsilon))
  }
}

/// A tensor divided by the root of the mean of its squares over the given axes.
///
/// Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.
/// - Parameter epsilon: What is added to the mean of squares for numerical stability.
public func rmsNorm(_ x: Tensor, axes: any AxisList = -1, epsilon: Double = 1e-5) -> Tensor {
  .accumulated("rmsNorm", x) { x in
    x * rsqrt(square(x).mean(axes: axes, keepingAxes: true) + x.number(epsilon))
  }
}

/// Images `[batch, spatial…, channels]` less their mean, divided by their standard deviation, over the spatial axes and
/// each of several groups of channels.
///
/// Source: Wu and He, "Group normalization", 2018. As many groups as channels are instance normalization.
public func groupNorm(_ x: Tensor, groups: Int, epsilon: Double = 1e-5) -> Tensor {
  .composed("groupNorm", x) { x in
    guard x.rank >= 2, let channels = x.shape.last, groups >= 1, channels % groups == 0 else {
      return .failure("groupNorm", "the last axis of \(x.shape) does not divide into \(groups) groups")
    }
    let split = x.reshaped(Shape(x.shape.sizes.dropLast() + [groups, channels / groups]))
    let axes = Array(1..<x.rank - 1) + [x.rank]
    return layerNorm(split, axes: axes, epsilon: epsilon).reshaped(x.shape)
  }
}

/// Images `[batch, spatial…, channels]` less their mean, divided by their standard deviation, over the spatial axes, each
/// channel on its own.
///
/// Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016.
public func instanceNorm(_ x: Tensor, epsilon: Double = 1e-5) -> Tensor {
  .composed("instanceNorm", x) { x in
    guard x.rank >= 3 else { return .failure("instanceNorm", "takes [batch, spatial…, channels], not \(x.shape)") }
    return layerNorm(x, axes: Array(1..<x.rank - 1), epsilon: epsilon)
  }
}
