import DescentGraph
import DescentTensors

/// Which experts each row goes to: the few whose noisy scores are the highest, weighted by a softmax over these.
///
/// Scores are x · W; while training, standard normal noise times softplus(x · W_noise) is added, which keeps experts in use and
/// lets the number of rows that an expert gets be estimated smoothly. Both matrices begin at 0, so that all experts begin alike.
/// Scores are computed in Float32 for 16-bit rows. Source: Shazeer et al., "Outrageously large neural networks", 2017, appendix A.
public struct ExpertGate: Model {
  /// What gives the scores, `[features, experts]`, or `[groups, features, experts]` in a second level of gates.
  public var weight = Parameter()
  /// What gives the size of the noise, of the same shape; `nil` where there is none.
  public var noise: Parameter?
  /// The number of experts.
  public let experts: Int
  /// How many of them each row goes to.
  public let choices: Int
  /// How the scores' matrix is initialized.
  public let initializer: Initializer

  /// A gate to some of several experts.
  public init(experts: Int, choices: Int, isNoisy: Bool = true, initializer: Initializer = .zeros) {
    (self.experts, self.choices, self.initializer) = (experts, choices, initializer)
    noise = isNoisy ? Parameter() : nil
  }

  /// What is wrong with the settings, `nil` for nothing.
  var fault: String? {
    guard experts >= 1, choices >= 1, choices <= experts else {
      return "chooses at least 1 and at most all of its experts, found \(choices) of \(experts)"
    }
    return nil
  }

  /// Which experts rows `[rows, features]` go to.
  ///
  /// - Parameter placement: Where experts lie, and with that which are chosen where that is known already.
  func routing(_ rows: Tensor, placement: BankPlacement, in site: LayerSite) -> ExpertRouting {
    let shape: Shape = [rows.shape[1], experts]
    return routing(rows, placement) {
      site.values(of: $0, shape, rows.elementType, $1)
    } scored: {
      matmul(rows, $0)
    }
  }

  /// Which experts of their group rows `[rows, features]` go to that are sorted by group.
  func routing(
    _ rows: Tensor, groupSizes: Tensor, placement: BankPlacement, in site: LayerSite
  ) -> ExpertRouting {
    let shape: Shape = [rows.shape[1], experts]
    return routing(rows, placement) {
      site.values(of: $0, each: shape, groupSizes.count, rows.elementType, $1)
    } scored: {
      raggedDot(rows, $0, groupSizes: groupSizes)
    }
  }

  /// - Parameters:
  ///   - values: The values of a parameter, with initial ones of a kind.
  ///   - scored: What a matrix gives for all rows, `[rows, experts]`.
  private func routing(
    _ rows: Tensor, _ placement: BankPlacement, values: (Parameter, Initializer) -> Tensor, scored: (Tensor) -> Tensor
  ) -> ExpertRouting {
    let clean = scored(values(weight, initializer))
    if clean.error != nil { return ExpertRouting(failing: clean) }
    var (scores, spread): (Tensor, Tensor?) = (clean, nil)
    if let noise {
      let size = softplus(scored(values(noise, .zeros)))
      if Run.current.isTraining, let key = Run.current.nextKey() {
        scores = clean + key.normal(clean.shape).converted(to: clean.elementType) * size
        spread = size
      }
    }
    let routing = ExpertRouting(
      clean: clean, scores: scores, spread: spread, choices: choices, given: placement.nextChoice())
    placement.note(routing.experts)
    return routing
  }
}

/// Where rows go.
struct ExpertRouting {
  /// The scores without noise, `[rows, experts]`.
  let clean: Tensor
  /// The experts of each row, int32 `[rows, choices]`.
  let experts: Tensor
  /// Their weights, which add up to 1, `[rows, choices]`.
  let weights: Tensor
  /// How likely each row would go to each expert if its noise were drawn again, `[rows, experts]`; whether it goes there, as
  /// numbers, where there is no noise.
  let load: Tensor
  /// Whether the load has a derivative.
  let isSmooth: Bool

  /// - Parameter given: The experts of each row where they are known already, int32 `[rows, choices]`.
  init(clean: Tensor, scores: Tensor, spread: Tensor?, choices: Int, given: Tensor? = nil) {
    self.clean = clean
    let count = clean.rank == 2 ? clean.shape[1] : 0
    let further = min(choices + 1, count)
    let (values, indices) = scores.topK(further)
    experts = given ?? indices[.ellipsis, 0..<choices]
    weights = softmax(given.map { scores.takenAlong($0) } ?? values[.ellipsis, 0..<choices])
    guard let spread, further > choices else {
      isSmooth = false
      load = experts.oneHot(count: count, clean.elementType).sum(axes: 1)
      return
    }
    // An expert stays chosen while it beats the best of those that are not; another one has to beat the last that is.
    let (last, next) = (values[.ellipsis, (choices - 1)..<choices], values[.ellipsis, choices..<further])
    let threshold = `where`(scores .> next, next, last)
    isSmooth = true
    load = Self.normalDistribution((clean - threshold) / spread)
  }

  init(failing tensor: Tensor) {
    (clean, experts, weights, load, isSmooth) = (tensor, tensor, tensor, tensor, false)
  }

  /// The probability that a standard normal number is less than each element.
  private static func normalDistribution(_ x: Tensor) -> Tensor { 0.5 * erfc(x * -0.5.squareRoot()) }

  /// The weight that each row gives to each expert, 0 of most, `[rows, experts]`.
  var sentWeights: Tensor { Tensor(zerosLike: clean).scatteredAlong(weights, at: experts) }
  /// The sum of the weights that each expert has over the rows, `[experts]`.
  var importance: Tensor { sentWeights.sum(axes: 0) }
  /// What carries an error, `nil` where nothing does.
  var failure: Tensor? { [clean, experts, weights, load].first { $0.error != nil } }
}

/// What keeps experts in equal use: losses that a mixture reports to the run.
public struct ExpertBalance: Sendable, Hashable, Codable {
  /// The weight of the squared coefficient of variation of the importance, which is the sum of an expert's weights.
  public var importance: Double
  /// The weight of the squared coefficient of variation of the load, which is the smoothly estimated number of rows.
  public var load: Double
  /// The weight of the mean square of the scores' log Σ exp, which keeps scores small. Source: Zoph et al., "ST-MoE", 2022.
  public var routerZ: Double

  /// Losses of these weights; the defaults are those of the paper.
  public init(importance: Double = 0.1, load: Double = 0.1, routerZ: Double = 0) {
    (self.importance, self.load, self.routerZ) = (importance, load, routerZ)
  }

  /// No losses.
  public static let none = ExpertBalance(importance: 0, load: 0)

  /// Reports losses while training, and how unequal the use is at all times.
  ///
  /// - Parameters:
  ///   - importance: The importance of each expert, `[experts]`.
  ///   - load: The load of each expert, `[experts]`.
  ///   - isSmooth: Whether the load has a derivative.
  ///   - scores: The scores without noise of each level of gates.
  func report(importance: Tensor, load: Tensor, isSmooth: Bool, scores: [Tensor]) {
    let run = Run.current
    ExpertUse.note(importance: importance, load: load)
    if run.isTraining {
      if self.importance != 0 {
        run.report(loss: self.importance * Self.variation(importance), named: "expert importance")
      }
      if self.load != 0, isSmooth { run.report(loss: self.load * Self.variation(load), named: "expert load") }
      for scores in scores where routerZ != 0 {
        run.report(loss: routerZ * square(logSumExp(scores, axis: -1)).mean(), named: "router z")
      }
    }
    run.report(metric: load.max() / (load.mean() + 1e-10), named: "largest expert load / mean")
  }

  /// The squared coefficient of variation: variance / (mean² + 10⁻¹⁰).
  private static func variation(_ numbers: Tensor) -> Tensor {
    numbers.variance() / (square(numbers.mean()) + 1e-10)
  }
}
