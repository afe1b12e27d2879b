import DescentTensors

/// How far to go along a direction: a line search.
///
/// ```swift
/// let found = try StepSearch.strongWolfe().search(initial: 1) { t in (value: f(x + t * d), slope: f'(x + t * d) · d) }
/// ```
public struct StepSearch: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case armijo(sufficient: Double, shrinking: Double)
    case strongWolfe(sufficient: Double, curvature: Double)
    case hagerZhang(sufficient: Double, curvature: Double)
  }

  let kind: Kind
  /// The longest step.
  public var longest: Double
  /// The most evaluations.
  public var most: Int

  /// Shrinks the step until the value falls enough: f(t) ≤ f(0) + sufficient · t · f′(0). A step that shrinks is the
  /// minimum of the parabola through what is known, within bounds.
  ///
  /// Source: Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", 1966.
  ///
  /// - Parameters:
  ///   - sufficient: The part of the decrease that the slope promises by which the value has to fall.
  ///   - shrinking: The most that a step is shortened by in one trial.
  public static func armijo(sufficient: Double = 1e-4, shrinking: Double = 0.1) -> StepSearch {
    StepSearch(kind: .armijo(sufficient: sufficient, shrinking: shrinking), longest: 1e20, most: 50)
  }

  /// Brackets and narrows until the value falls enough and the slope is nearly level, |f′(t)| ≤ curvature · |f′(0)|.
  ///
  /// Source: Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6, with cubic interpolation.
  ///
  /// - Parameters:
  ///   - sufficient: The part of the decrease that the slope promises by which the value has to fall.
  ///   - curvature: The part of the slope that may be left.
  public static func strongWolfe(sufficient: Double = 1e-4, curvature: Double = 0.9) -> StepSearch {
    StepSearch(kind: .strongWolfe(sufficient: sufficient, curvature: curvature), longest: 1e20, most: 50)
  }

  /// Narrows by secants until Wolfe's conditions hold, or near a minimum their approximation in slopes alone, which
  /// rounding of the value does not disturb.
  ///
  /// Source: Hager and Zhang, "Algorithm 851: CG_DESCENT", 2006.
  ///
  /// - Parameters:
  ///   - sufficient: The part of the decrease that the slope promises by which the value has to fall.
  ///   - curvature: The part of the slope that may be left.
  public static func hagerZhang(sufficient: Double = 0.1, curvature: Double = 0.9) -> StepSearch {
    StepSearch(kind: .hagerZhang(sufficient: sufficient, curvature: curvature), longest: 1e20, most: 50)
  }

  /// A place along the direction.
  public struct Sample: Sendable, Hashable {
    /// How far it is.
    public let step: Double
    /// The value there.
    public let value: Double
    /// The derivative along the direction there.
    public let slope: Double

    /// Creates a place.
    public init(step: Double, value: Double, slope: Double) {
      self.step = step
      self.value = value
      self.slope = slope
    }

    var isFinite: Bool { value.isFinite && slope.isFinite }
  }

  /// Why no step was found.
  public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The value does not fall along the direction.
    case notDescending
    /// The value still falls at the longest step.
    case longestStep
    /// The most evaluations did not suffice.
    case evaluations
    /// The value does not change along the direction, or not by more than rounding.
    case flat
    /// No step but the shortest has a value that is a number.
    case infinite

    /// The reason in words.
    public var description: String {
      switch self {
      case .notDescending: "the value does not fall along the direction"
      case .longestStep: "the value still falls at the longest step"
      case .evaluations: "the line search used up its evaluations"
      case .flat: "the value does not change along the direction by more than rounding"
      case .infinite: "the value is not a number along the direction"
      }
    }
  }

  /// What was found: a step that meets the conditions, or why there is none and the lowest place that was seen.
  public struct Outcome: Sendable {
    /// The place.
    public let sample: Sample
    /// Why it does not meet the conditions; `nil` where it does.
    public let failure: Failure?
  }

  /// Looks for a step.
  ///
  /// - Parameters:
  ///   - initial: The step that is tried first.
  ///   - function: The value and the slope at a step from 0 on.
  /// - Throws: `TensorError` where the settings make no sense, and what the function throws.
  public func search(
    initial: Double = 1, of function: (Double) throws -> (value: Double, slope: Double)
  ) throws -> Outcome {
    try check()
    let (value, slope) = try function(0)
    return try search(from: Sample(step: 0, value: value, slope: slope), initial: initial) { step in
      let (value, slope) = try function(step)
      return Sample(step: step, value: value, slope: slope)
    }
  }

  /// Looks for a step from a place that is known.
  func search(from start: Sample, initial: Double, _ sample: (Double) throws -> Sample) throws -> Outcome {
    guard start.isFinite else { return Outcome(sample: start, failure: .infinite) }
    guard start.slope != 0 else { return Outcome(sample: start, failure: .flat) }
    guard start.slope < 0 else { return Outcome(sample: start, failure: .notDescending) }
    return try withoutActuallyEscaping(sample) { sample in
      let trials = Trials(start: start, most: most, sample)
      let first = min(initial.isFinite && initial > 0 ? initial : 1, longest)
      let failure: Failure?
      switch kind {
      case .armijo(let sufficient, let shrinking):
        failure = try armijo(trials, first, sufficient, shrinking)
      case .strongWolfe(let sufficient, let curvature):
        failure = try strongWolfe(trials, first, sufficient, curvature)
      case .hagerZhang(let sufficient, let curvature):
        failure = try hagerZhang(trials, first, sufficient, curvature)
      }
      if failure == nil, let found = trials.found { return Outcome(sample: found, failure: nil) }
      return Outcome(sample: trials.lowest, failure: trials.isAllInfinite ? .infinite : failure ?? .evaluations)
    }
  }

  /// Refuses settings that make no sense.
  func check() throws {
    func fault(_ text: String) -> TensorError { TensorError("StepSearch", text) }
    guard most >= 1 else { throw fault("\(most) evaluations find no step; give at least 1") }
    guard longest > 0 else { throw fault("a longest step of \(longest), where more than 0 is needed") }
    let (sufficient, other): (Double, Double)
    switch kind {
    case .armijo(let part, let shrinking): (sufficient, other) = (part, shrinking)
    case .strongWolfe(let part, let curvature): (sufficient, other) = (part, curvature)
    case .hagerZhang(let part, let curvature): (sufficient, other) = (part, curvature)
    }
    guard sufficient > 0, sufficient < 1, other > 0, other < 1 else {
      throw fault("settings of \(sufficient) and \(other), where both lie between 0 and 1")
    }
    switch kind {
    case .armijo: break
    case .strongWolfe, .hagerZhang:
      guard sufficient < other else {
        throw fault("the sufficient decrease, \(sufficient), is to lie below the curvature, \(other)")
      }
    }
  }
}

/// The places that one search has tried.
final class Trials {
  let start: StepSearch.Sample
  /// The place that meets the conditions.
  var found: StepSearch.Sample?
  /// The lowest of all places.
  private(set) var lowest: StepSearch.Sample
  /// Whether no trial gave a number.
  private(set) var isAllInfinite = false
  private let most: Int
  private var count = 0
  private let function: (Double) throws -> StepSearch.Sample

  init(start: StepSearch.Sample, most: Int, _ function: @escaping (Double) throws -> StepSearch.Sample) {
    self.start = start
    self.most = most
    self.function = function
    lowest = start
  }

  /// The place at a step; `nil` where there are no evaluations left.
  func sample(_ step: Double) throws -> StepSearch.Sample? {
    guard count < most else { return nil }
    let sample = try function(step)
    if count == 0 { isAllInfinite = !sample.isFinite } else if sample.isFinite { isAllInfinite = false }
    count += 1
    if sample.isFinite, sample.value < lowest.value { lowest = sample }
    return sample
  }

  /// What rounding may add to a value.
  var rounding: Double { 4 * abs(start.value) * 0x1p-52 }

  /// Whether differences along the line are below rounding at a step.
  func isFlat(_ step: Double) -> Bool { abs(step * start.slope) <= 0.25 * abs(start.value) * 0x1p-52 || step < 1e-300 }
}
