import DescentGraph
import DescentTensors

/// Sets a random fraction of the elements to 0 while training, and leaves the input as it is otherwise.
///
/// What remains is divided by the fraction that is kept, so that sums keep their expected size. Source: Srivastava et al.,
/// 2014.
public struct Dropout: Layer {
  /// The fraction of the elements that is dropped, at least 0 and less than 1.
  public let rate: Double

  /// A layer that drops the given fraction of the elements.
  public init(rate: Double) { self.rate = rate }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    LayerSite("Dropout").dropping(rate, input) {
      $0
    } drop: {
      $0.scaledUp($1, rate: rate)
    }
  }
}

/// Sets a random fraction of the channels of each example to 0 while training, in all places of the image or the sequence at
/// once, and leaves the input as it is otherwise.
///
/// Works on `[batch, …, channels]`. Neighbors, which are alike, cannot stand in for what is dropped. What remains is
/// divided by the fraction that is kept. Source: Tompson et al., "Efficient object localization using convolutional networks",
/// 2015.
public struct ChannelDropout: Layer {
  /// The fraction of the channels that is dropped, at least 0 and less than 1.
  public let rate: Double

  /// A layer that drops the given fraction of the channels.
  public init(rate: Double) { self.rate = rate }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = LayerSite("ChannelDropout")
    guard input.error != nil || input.rank >= 2 else {
      return site.failure("takes an input [batch, …, channels], found \(input.shape)")
    }
    return site.dropping(rate, input) { shape in
      Shape(shape.indices.map { (1..<shape.rank - 1).contains($0) ? 1 : shape[$0] })
    } drop: {
      $0.scaledUp($1, rate: rate)
    }
  }
}

/// Sets a random fraction of the examples to 0 while training, and leaves the input as it is otherwise: of a block with a way
/// around it, so that these examples pass it by.
///
/// ```swift
/// x = x + StochasticDepth(rate: 0.1)(block(x))
/// ```
///
/// Works on `[batch, …]`; what remains is divided by the fraction that is kept. Source: Huang et al., "Deep networks with
/// stochastic depth", 2016.
public struct StochasticDepth: Layer {
  /// The fraction of the examples that is dropped, at least 0 and less than 1.
  public let rate: Double

  /// A layer that drops the given fraction of the examples.
  public init(rate: Double) { self.rate = rate }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = LayerSite("StochasticDepth")
    guard input.error != nil || input.rank >= 1 else {
      return site.failure("takes an input [batch, …], found \(input.shape)")
    }
    return site.dropping(rate, input) { shape in
      Shape(shape.indices.map { $0 == 0 ? shape[0] : 1 })
    } drop: {
      $0.scaledUp($1, rate: rate)
    }
  }
}

/// Sets a random fraction of the elements to the limit of `selu` while training, such that mean 0 and variance 1 stay, and
/// leaves the input as it is otherwise. Source: Klambauer et al., "Self-normalizing neural networks", 2017.
public struct AlphaDropout: Layer {
  /// The fraction of the elements that is dropped, at least 0 and less than 1.
  public let rate: Double

  /// A layer that drops the given fraction of the elements.
  public init(rate: Double) { self.rate = rate }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    LayerSite("AlphaDropout").dropping(rate, input) {
      $0
    } drop: { x, isKept in
      // What selu tends to for small numbers: −scale · alpha.
      let limit = -1.0507009873554805 * 1.6732632423543772
      let factor = 1 / ((1 - rate) * (1 + rate * limit * limit)).squareRoot()
      let type = x.elementType
      let dropped = `where`(isKept, x, number(limit, type))
      return dropped * number(factor, type) + number(-factor * rate * limit, type)
    }
  }
}

extension LayerSite {
  /// What a layer makes of an input that drops some of it while training.
  ///
  /// - Parameters:
  ///   - rate: The fraction that is dropped.
  ///   - input: The layer's input.
  ///   - shape: The shape of what is decided on, from that of the input, to which it is repeated.
  ///   - drop: Drops, from the input and booleans that say what is kept.
  fileprivate func dropping(
    _ rate: Double, _ input: Tensor, deciding shape: (Shape) -> Shape, drop: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    if input.error != nil { return input }
    guard rate >= 0, rate < 1 else { return failure("its rate must be at least 0 and less than 1, found \(rate)") }
    if let refusal = refusal(of: input) { return refusal }
    let input = Run.current.input(input)
    guard Run.current.isTraining, rate > 0 else { return input }
    guard let key = Run.current.nextKey() else { return input }
    return drop(input, key.bernoulli(shape(input.shape), probability: 1 - rate))
  }
}

extension Tensor {
  /// What is kept, divided by the fraction of it, and 0 elsewhere.
  fileprivate func scaledUp(_ isKept: Tensor, rate: Double) -> Tensor {
    `where`(isKept, self * number(1 / (1 - rate), elementType), number(0, elementType))
  }
}
