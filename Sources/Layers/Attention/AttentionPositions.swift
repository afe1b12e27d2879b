import DescentGraph
import DescentTensors
import Foundation

/// How attention tells positions apart. Learned and sinusoidal positions are added to its input instead, by
/// `LearnedPositions` and `SinusoidalPositions`.
public enum AttentionPositions: Sendable, Hashable, Codable {
  /// Not at all.
  case none
  /// By turning queries and keys; see `RotaryPositions`.
  case rotary(RotaryPositions = RotaryPositions())
  /// By a penalty on products that grows with the distance, for each head at a slope of its own. Source: Press et al., "Train
  /// short, test long", 2021.
  case alibi

  /// Queries or keys `[…, heads, length, width]` as they are at positions `[length]`.
  func turned(_ x: Tensor, at positions: Tensor) -> Tensor {
    if case .rotary(let rotary) = self { return rotated(x, at: positions, by: rotary) }
    return x
  }

  /// What is added to the products `[heads, queries, keys]`, `nil` for nothing.
  func bias(heads: Int, queries: Tensor, keys: Tensor, _ type: ElementType) -> Tensor? {
    guard case .alibi = self else { return nil }
    let distances = abs(keys - queries.expanded(axis: -1)).converted(to: type)
    let slopes = Tensor(Self.slopes(heads), shape: [heads, 1, 1], type)
    return -(slopes * distances)
  }

  /// A geometric sequence from 2^(−8 / heads) on for a power of two; for others, that of the next smaller one and every
  /// second slope of the next larger one.
  static func slopes(_ heads: Int) -> [Double] {
    var power = 1
    while power * 2 <= heads { power *= 2 }
    func geometric(_ count: Int) -> [Double] { (1...count).map { pow(2, -8 * Double($0) / Double(count)) } }
    let further = geometric(2 * power)
    return geometric(power) + (0..<heads - power).map { further[2 * $0] }
  }
}

/// Adds a learned vector to each position of a sequence: `[batch, length, features]` stays so.
///
/// A sequence may be as long as the context and no longer. Source: Gehring et al., 2017.
public struct LearnedPositions: Layer {
  /// The vectors `[context, features]`, normally distributed at first.
  public var weight = Parameter()
  /// The number of positions.
  public let context: Int
  /// How the vectors are initialized.
  public let initializer: Initializer

  /// Vectors for so many positions.
  public init(context: Int, initializer: Initializer = .normal(standardDeviation: 0.02)) {
    (self.context, self.initializer) = (context, initializer)
  }

  /// The input with the vectors of its positions, from 0 on.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, from: nil) }

  /// The input with the vectors of positions from one on that may be known only when the program runs, such as a cache's.
  ///
  /// Past the context the output is NaN where the position was not known, and an error where it was.
  ///
  /// - Parameter position: An integer scalar; 0 where none is given.
  public func callAsFunction(_ input: Tensor, from position: Tensor?) -> Tensor {
    if let failed = [input, position].compactMap(\.self).first(where: { $0.error != nil }) { return failed }
    let site = LayerSite("LearnedPositions", holding: weight)
    guard context >= 1 else { return site.failure("has a context of \(context); it needs at least 1 position") }
    guard input.rank >= 2 else { return site.failure("takes an input […, length, features], found \(input.shape)") }
    if let refusal = site.refusal(of: input) { return refusal }
    let (length, features) = (input.shape[input.rank - 2], input.shape[input.rank - 1])
    guard length <= context else {
      return site.failure("has a context of \(context) positions, found an input \(input.shape) of \(length)")
    }
    let input = Run.current.input(input)
    let vectors = site.values(of: weight, [context, features], input.elementType, initializer)
    guard let position else { return input + vectors.sliced(0..<length) }
    if let refusal = site.refusal(of: position, length: length, capacity: context, "a context") { return refusal }
    let part = vectors.sliced(from: position.reshaped([1]), sizes: [length], axes: [0])
    return LayerSite.poisoned(input + part, unless: position, plus: length, fits: context)
  }
}

/// Adds waves of many lengths to each position of a sequence, without parameters: `[batch, length, features]` stays so.
///
/// See `sinusoids(at:features:base:_:)`.
public struct SinusoidalPositions: Layer {
  /// The base of the wave lengths.
  public let base: Double

  /// Waves of these lengths.
  public init(base: Double = 10_000) { self.base = base }

  /// The input with the waves of its positions, from 0 on.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, from: nil) }

  /// The input with the waves of positions from one on that may be known only when the program runs, such as a cache's.
  ///
  /// - Parameter position: An integer scalar; 0 where none is given.
  public func callAsFunction(_ input: Tensor, from position: Tensor?) -> Tensor {
    if let failed = [input, position].compactMap(\.self).first(where: { $0.error != nil }) { return failed }
    let site = LayerSite("SinusoidalPositions")
    guard input.rank >= 2 else { return site.failure("takes an input […, length, features], found \(input.shape)") }
    if let refusal = site.refusal(of: input) { return refusal }
    let input = Run.current.input(input)
    let length = input.shape[input.rank - 2]
    if let position,
      let refusal = site.refusal(of: position, length: length, capacity: Int(Int32.max), "a range")
    {
      return refusal
    }
    var positions = Tensor(rangeTo: length)
    if let position { positions = positions + position.converted(to: .int32) }
    let waves = sinusoids(at: positions, features: input.shape[input.rank - 1], base: base, input.elementType)
    return site.titled(input + waves)
  }
}

extension LayerSite {
  /// An error where a position is known and leaves no room for what is to come, else `nil`.
  func refusal(of position: Tensor, length: Int, capacity: Int, _ noun: String) -> Tensor? {
    guard position.rank == 0, position.elementType.isInteger else {
      return failure("takes a position that is one integer, found \(position.type)")
    }
    guard length <= capacity else {
      return failure("has \(noun) of \(capacity) positions, found \(length) at once")
    }
    guard !position.isSymbolic, let start = try? position.item(as: Int.self) else { return nil }
    guard start < 0 || start > capacity - length else { return nil }
    return failure("has \(noun) of \(capacity) positions; \(length) from \(start) on do not fit")
  }

  /// A result where a position leaves room for what is to come, NaN elsewhere: a position that is not known while a function is
  /// recorded cannot be refused then.
  static func poisoned(_ result: Tensor, unless position: Tensor, plus length: Int, fits capacity: Int) -> Tensor {
    if result.error != nil || !position.isSymbolic { return result }
    let last = Tensor(integers: [capacity - length], shape: [], position.elementType)
    return `where`(position .<= last, result, number(.nan, result.elementType))
  }
}
