import DescentTensors

/// A way to look for a minimum.
public struct MinimizationMethod: Sendable, CustomStringConvertible {
  /// The method and its settings, in words.
  public let description: String
  /// Refuses settings that make no sense.
  let check: @Sendable () throws -> Void
  /// How it keeps to a set.
  let bounds: BoundHandling
  /// A method on its way.
  let state: @Sendable (MethodSetting) throws -> any MethodState

  init(
    _ description: String, bounds: BoundHandling = .variables, check: @escaping @Sendable () throws -> Void = {},
    _ state: @escaping @Sendable (MethodSetting) throws -> any MethodState
  ) {
    self.description = description
    self.bounds = bounds
    self.check = check
    self.state = state
  }

  private static func checkMemory(_ memory: Int) throws {
    guard (1...1_000).contains(memory) else {
      throw TensorError("lbfgs", "a memory of \(memory) steps, where 1 to 1000 are possible")
    }
  }

  // MARK: Quasi-Newton

  /// L-BFGS: a quasi-Newton method that remembers the last steps rather than a matrix, for any number of parameters.
  /// Within a box it is L-BFGS-B.
  ///
  /// Source: Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.
  ///
  /// - Parameters:
  ///   - memory: How many steps are remembered.
  ///   - search: The line search.
  public static func lbfgs(memory: Int = 10, search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod(
      "L-BFGS, \(memory) steps remembered", bounds: .box,
      check: {
        try checkMemory(memory)
        try search.check()
      },
      { setting in
        if let box = setting.region.box { return BoundedLBFGS(memory: memory, search: search, box: box) }
        return LimitedMemoryBFGS(memory: memory, search: search)
      })
  }

  /// L-BFGS-B: L-BFGS for a box, whose steps go through the generalized Cauchy point.
  ///
  /// Source: Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", 1995.
  ///
  /// - Parameters:
  ///   - memory: How many steps are remembered.
  ///   - search: The line search.
  public static func lbfgsb(memory: Int = 10, search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod(
      "L-BFGS-B, \(memory) steps remembered", bounds: .box,
      check: {
        try checkMemory(memory)
        try search.check()
      },
      { setting in
        let open = Box(
          lower: [Double](repeating: -.infinity, count: setting.count),
          upper: [Double](repeating: .infinity, count: setting.count))
        return BoundedLBFGS(memory: memory, search: search, box: setting.region.box ?? open)
      })
  }

  /// BFGS: a quasi-Newton method that builds the inverse of the Hessian, for some thousand parameters at most.
  ///
  /// Source: Nocedal and Wright, "Numerical Optimization", algorithm 6.1.
  ///
  /// - Parameter search: The line search.
  public static func bfgs(search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod("BFGS", check: { try search.check() }, { try BFGS(count: $0.count, search: search) })
  }

  // MARK: First order

  /// How gradient descent chooses its steps.
  public enum Rate: Sendable, Hashable {
    /// Always the same learning rate.
    case fixed(Double)
    /// Always the same learning rate, and a share of the last step added to the next one (Polyak 1964).
    case momentum(Double, momentum: Double)
    /// A line search that asks for a sufficient decrease.
    case armijo
    /// The length that fits the last change of the gradient (Barzilai and Borwein 1988), with a line search that lets the
    /// value rise for some steps (Raydan 1997).
    case barzilaiBorwein
  }

  /// Steps along the negative gradient.
  ///
  /// - Parameter rate: How their length is chosen.
  public static func gradientDescent(_ rate: Rate = .barzilaiBorwein) -> MinimizationMethod {
    let text =
      switch rate {
      case .fixed(let rate): "gradient descent, learning rate \(rate)"
      case .momentum(let rate, let share): "gradient descent, learning rate \(rate), momentum \(share)"
      case .armijo: "gradient descent, Armijo's line search"
      case .barzilaiBorwein: "gradient descent, steps of Barzilai and Borwein"
      }
    return MinimizationMethod(
      text, bounds: .anySet,
      check: {
        switch rate {
        case .fixed(let rate), .momentum(let rate, _):
          guard rate > 0, rate.isFinite else {
            throw TensorError("gradientDescent", "a learning rate of \(rate), where more than 0 is needed")
          }
        case .armijo, .barzilaiBorwein: break
        }
        if case .momentum(_, let share) = rate, !(share >= 0 && share < 1) {
          throw TensorError("gradientDescent", "a momentum of \(share), where 0 or more and less than 1 is needed")
        }
      }, { GradientSteps(rate: rate, region: $0.region) })
  }

  /// How nonlinear conjugate gradients make the next direction.
  public enum ConjugateRule: Sendable, Hashable {
    /// Polak and Ribière's, never negative.
    case polakRibiere
    /// Hager and Zhang's (2005), whose directions always go down.
    case hagerZhang
  }

  /// Nonlinear conjugate gradients: little memory, many parameters.
  ///
  /// - Parameters:
  ///   - rule: How the next direction is made.
  ///   - search: The line search; by default one that levels the slope to less than a half.
  public static func conjugateGradient(
    _ rule: ConjugateRule = .hagerZhang, search: StepSearch? = nil
  ) -> MinimizationMethod {
    let search = search ?? .strongWolfe(curvature: 0.4)
    return MinimizationMethod(
      "conjugate gradients, " + (rule == .hagerZhang ? "Hager and Zhang" : "Polak and Ribière"),
      check: { try search.check() }, { _ in ConjugateGradient(rule: rule, search: search) })
  }

  // MARK: Second order

  /// Newton's method: the whole Hessian, made positive definite where it is not by a multiple of the identity.
  ///
  /// Source: Nocedal and Wright, "Numerical Optimization", algorithms 3.2 and 3.3.
  ///
  /// - Parameter search: The line search.
  public static func newton(search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod(
      "Newton's method", check: { try search.check() }, { try Newton(count: $0.count, search: search) })
  }

  /// Newton's method with conjugate gradients on products of the Hessian, each at about the cost of two gradients.
  ///
  /// Source: Nocedal and Wright, "Numerical Optimization", algorithm 7.1.
  ///
  /// - Parameter search: The line search.
  public static func newtonCG(search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod(
      "Newton-CG", check: { try search.check() }, { _ in NewtonConjugateGradient(search: search) })
  }

  /// How the quadratic model of a trust region is minimized.
  public enum TrustRegionSolver: Sendable, Hashable {
    /// Exactly, by the whole Hessian (Moré and Sorensen 1983).
    case exact
    /// By conjugate gradients that end at the edge, with products of the Hessian (Steihaug 1983, Toint 1981).
    case steihaug
  }

  /// A trust region: the quadratic model is minimized within a radius that grows where the model is right.
  ///
  /// Source: Nocedal and Wright, "Numerical Optimization", algorithm 4.1.
  ///
  /// - Parameter solver: How the model is minimized.
  public static func trustRegion(_ solver: TrustRegionSolver = .exact) -> MinimizationMethod {
    MinimizationMethod("trust region, " + (solver == .exact ? "exact" : "Steihaug and Toint")) { setting in
      try TrustRegion(count: setting.count, isExact: solver == .exact)
    }
  }

  // MARK: Without derivatives

  /// Nelder and Mead's simplex with factors that suit many dimensions (Gao and Han 2012).
  ///
  /// - Parameter size: How large the first simplex is, relative to each number of the start that is larger than 1.
  public static func nelderMead(size: Double = 0.05) -> MinimizationMethod {
    MinimizationMethod(
      "Nelder and Mead's simplex", bounds: .anySet,
      check: {
        guard size.isFinite, size != 0 else {
          throw TensorError("nelderMead", "a simplex of the size \(size), where it is finite and not 0")
        }
      }, { _ in NelderMead(size: size) })
  }

  /// Powell's method: line searches along directions that become conjugate (Powell 1964).
  public static func powell() -> MinimizationMethod {
    MinimizationMethod("Powell's method", bounds: .anySet) { _ in Powell() }
  }

  /// Brent's method for one number: parabolas where they are trusted, the golden section otherwise (Brent 1973).
  public static func brent() -> MinimizationMethod {
    MinimizationMethod("Brent's method", bounds: .anySet) { try ScalarMethod(count: $0.count, isGolden: false) }
  }

  /// The golden section for one number.
  public static func goldenSection() -> MinimizationMethod {
    MinimizationMethod("the golden section", bounds: .anySet) { try ScalarMethod(count: $0.count, isGolden: true) }
  }
}
