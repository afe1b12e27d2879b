import DescentGraph
import Foundation

/// Positions as turns: pairs of features are turned by angles that grow with the position, so that products of queries and keys
/// depend on the distance alone.
///
/// Pair i of d features is turned by position · base^(−2i / d). Source: Su et al., "RoFormer", 2021.
public struct RotaryPositions: Sendable, Hashable, Codable {
  /// Which features are turned together.
  public enum Pairing: String, Sendable, Hashable, Codable {
    /// Each feature of the first half with that of the second half: the checkpoints of Llama and GPT-NeoX on Hugging Face.
    case halves
    /// Each feature with an even number with the next one: RoFormer, GPT-J.
    case neighbors
  }

  /// The base of the angles.
  public var base: Double
  /// The number of features that are turned, from the first on, an even number; all where none is given.
  public var features: Int?
  /// Which features are turned together.
  public var pairing: Pairing
  /// What positions are divided by, for contexts longer than those of the training; 1 for none.
  public var stretch: Double
  /// How angles change for contexts longer than those of the training; `nil` for not at all.
  public var scaling: Scaling?

  /// Turns by these angles.
  public init(
    base: Double = 10_000, features: Int? = nil, pairing: Pairing = .halves, stretch: Double = 1,
    scaling: Scaling? = nil
  ) {
    (self.base, self.features, self.pairing, self.stretch) = (base, features, pairing, stretch)
    self.scaling = scaling
  }
}

/// A tensor whose pairs of features are turned by angles that grow with the position; see `RotaryPositions`.
///
/// - Parameters:
///   - x: `[…, length, features]`, of 16 bits computed in Float32.
///   - positions: The position of each row: `[length]`, or any shape that is repeated to `[…, length]`.
///   - rotary: The angles.
/// - Returns: The shape of `x`.
public func rotated(_ x: Tensor, at positions: Tensor, by rotary: RotaryPositions = RotaryPositions()) -> Tensor {
  .calling {
    let name = "rotated"
    if let failed = [x, positions].first(where: { $0.error != nil }) { return failed }
    guard x.rank >= 2, x.elementType.isFloatingPoint, positions.rank >= 1 else {
      return .failure(
        name,
        "takes floating-point numbers […, length, features] and positions […, length], not \(x.type) and"
          + " \(positions.type)")
    }
    let width = x.shape[x.rank - 1]
    let turned = rotary.features ?? width
    guard turned > 0, turned % 2 == 0, turned <= width else {
      return .failure(
        name, "turns pairs of features; \(turned) of the last axis of \(x.shape) are no even number of them")
    }
    guard rotary.base > 0, rotary.base.isFinite, rotary.stretch > 0, rotary.stretch.isFinite else {
      return .failure(
        name, "the base and what positions are divided by must be positive, found \(rotary.base) and \(rotary.stretch)")
    }
    if let fault = rotary.scalingFault { return .failure(name, fault) }
    let type = x.elementType.accumulator
    let wide = x.converted(to: type)
    let angles = positions.converted(to: type).expanded(axis: -1) * Tensor(rotary.frequencies(of: turned), type)
    var (cosine, sine) = (cos(angles), sin(angles))
    let factor = rotary.attentionFactor
    if factor != 1 { (cosine, sine) = (cosine * factor, sine * factor) }
    let (first, second) = rotary.pairing.parts(wide, turned)
    let a: Tensor = first * cosine - second * sine
    let b: Tensor = second * cosine + first * sine
    let rest = turned < width ? [wide[.ellipsis, turned..<width]] : []
    return concatenated([rotary.pairing.joined(a, b)] + rest, axis: -1).converted(to: x.elementType)
  }
}

extension RotaryPositions.Pairing {
  /// The first and the second feature of each pair.
  fileprivate func parts(_ x: Tensor, _ turned: Int) -> (Tensor, Tensor) {
    switch self {
    case .halves: return (x[.ellipsis, 0..<turned / 2], x[.ellipsis, turned / 2..<turned])
    case .neighbors:
      let pairs = x[.ellipsis, 0..<turned].reshaped(Shape(x.shape.sizes.dropLast() + [turned / 2, 2]))
      return (pairs[.ellipsis, 0], pairs[.ellipsis, 1])
    }
  }

  /// The features in the order in which they were before.
  fileprivate func joined(_ first: Tensor, _ second: Tensor) -> Tensor {
    if let failed = [first, second].first(where: { $0.error != nil }) { return failed }
    switch self {
    case .halves: return concatenated([first, second], axis: -1)
    case .neighbors:
      return stacked([first, second], axis: -1).reshaped(
        Shape(first.shape.sizes.dropLast() + [2 * (first.shape.last ?? 0)]))
    }
  }
}

/// Positions as waves of many lengths, which are added to what stands there: at position p, features 2i and 2i + 1 are sine and
/// cosine of p / base^(2i / features).
///
/// Source: Vaswani et al., "Attention is all you need", 2017.
///
/// - Parameters:
///   - positions: Numbers `[…]`.
///   - features: The number of features.
///   - base: The base of the wave lengths.
///   - elementType: The type of the result.
/// - Returns: `[…, features]`.
public func sinusoids(
  at positions: Tensor, features: Int, base: Double = 10_000, _ elementType: ElementType = .float32
) -> Tensor {
  .calling {
    if positions.error != nil { return positions }
    guard features > 0, base > 0, base.isFinite, elementType.isFloatingPoint else {
      return .failure(
        "sinusoids",
        "takes a positive number of features and a positive base for floating-point results, found \(features), \(base) and"
          + " \(elementType)")
    }
    let type = elementType.accumulator
    let frequencies = Tensor(
      (0..<(features + 1) / 2).map { Foundation.pow(base, -2 * Double($0) / Double(features)) }, type)
    let angles = positions.converted(to: type).expanded(axis: -1) * frequencies
    let waves = stacked([sin(angles), cos(angles)], axis: -1)
    if waves.error != nil { return waves }
    return waves.reshaped(Shape(positions.shape.sizes + [2 * ((features + 1) / 2)]))[.ellipsis, 0..<features]
      .converted(to: elementType)
  }
}
