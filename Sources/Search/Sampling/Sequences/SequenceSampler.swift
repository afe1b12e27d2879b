import DescentGraph

/// Settings at the points of a sequence that fills the space evenly; results do not matter.
///
/// In a declared space each parameter has axes of its own. Otherwise a trial's parameters have axes in the order in which
/// they are asked for, so that functions that ask for the same ones in the same order get even settings.
public struct SequenceSampler: Sampler {
  enum Kind: Sendable {
    case sobol
    case halton
    case latinHypercube(Int)
  }

  let kind: Kind
  /// What sets these trials apart from others; `nil` where points are not scrambled.
  public let seed: UInt64?

  /// Such as `sobol(seed: 1)`.
  public var name: String {
    let seed = seed.map { "seed: \($0)" } ?? "not scrambled"
    switch kind {
    case .sobol: return "sobol(\(seed))"
    case .halton: return "halton(\(seed))"
    case .latinHypercube(let count): return "latinHypercube(count: \(count), \(seed))"
    }
  }

  /// Results do not matter.
  public var width: Int? { nil }

  /// Refuses a space of too many dimensions, and hypercubes without points.
  public func check(_ space: Space?, objectives: Int) throws {
    if case .latinHypercube(let count) = kind, count < 1 {
      throw SearchError(name, "a hypercube of \(count) points, where 1 or more are needed")
    }
    guard case .sobol = kind, let space else { return }
    let count = space.parameters.reduce(0) { $0 + $1.domain.coordinateCount }
    guard count <= SobolSequence.mostDimensions else {
      throw SearchError(
        name,
        "the space has \(count) dimensions, and the sequence \(SobolSequence.mostDimensions); use .halton or .random")
    }
  }

  /// The values of a declared space; others are asked for one by one.
  public func settings(
    of number: Int, in space: [(name: String, domain: Domain)], given history: History
  ) throws -> Settings {
    guard let declared = history.space else { return [:] }
    let wanted = Set(space.map(\.name))
    var (settings, axis): (Settings, Int) = ([:], 0)
    for parameter in declared.parameters {
      let count = parameter.domain.coordinateCount
      if wanted.contains(parameter.name) {
        settings[parameter.name] = parameter.domain.setting(at: (axis..<axis + count).map { coordinate($0, number) })
      }
      axis += count
    }
    return settings
  }

  /// One parameter: along the next axis.
  public func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting {
    // What has several coordinates is even along the first of them alone: how many others have had is not known.
    var random = TrialRandom(seed: seed ?? 0, trial: number, purpose: name)
    let first = coordinate(others.count, number)
    return domain.setting(at: [first] + (1..<max(domain.coordinateCount, 1)).map { _ in random.unit() })
  }

  private func coordinate(_ axis: Int, _ number: Int) -> Double {
    switch kind {
    case .sobol:
      guard axis < SobolSequence.mostDimensions else { return random(axis, number) }
      return SobolSequence.coordinate(axis, at: number, seed: seed)
    case .halton:
      guard axis < 100_000, let base = Primes.first(axis + 1).last else { return random(axis, number) }
      return HaltonSequence.coordinate(base: base, dimension: axis, at: number, seed: seed)
    case .latinHypercube(let count):
      return LatinHypercube.coordinate("\(axis)", at: number, count: max(count, 1), seed: seed ?? 0)
    }
  }

  private func random(_ axis: Int, _ number: Int) -> Double {
    var random = TrialRandom(seed: seed ?? 0, trial: number, purpose: "axis", index: axis)
    return random.unit()
  }
}

extension Sampler where Self == SequenceSampler {
  /// Settings at the points of a Sobol sequence, see ``SobolSequence``: most even in numbers of trials that are powers of two.
  ///
  /// - Parameter seed: What sets these trials apart from others; `nil` for points that are not scrambled.
  public static func sobol(seed: UInt64? = 0) -> SequenceSampler { SequenceSampler(kind: .sobol, seed: seed) }

  /// Settings at the points of a Halton sequence, see ``HaltonSequence``.
  ///
  /// - Parameter seed: What sets these trials apart from others; `nil` for points that are not scrambled.
  public static func halton(seed: UInt64? = 0) -> SequenceSampler { SequenceSampler(kind: .halton, seed: seed) }

  /// Settings at the points of a Latin hypercube, see ``LatinHypercube``.
  ///
  /// - Parameters:
  ///   - count: How many trials there will be; further ones form a hypercube of their own.
  ///   - seed: What sets these trials apart from others.
  public static func latinHypercube(count: Int, seed: UInt64 = 0) -> SequenceSampler {
    SequenceSampler(kind: .latinHypercube(count), seed: seed)
  }
}
