import DescentTensors

/// A way to look for a minimum.
public struct MinimizationMethod: Sendable, CustomStringConvertible {
  /// The method and its settings, in words.
  public let description: String
  /// Refuses settings that make no sense.
  let check: @Sendable () throws -> Void
  /// A method on its way, for so many numbers.
  let state: @Sendable (Int) throws -> any MethodState

  init(
    _ description: String, check: @escaping @Sendable () throws -> Void = {},
    _ state: @escaping @Sendable (Int) throws -> any MethodState
  ) {
    self.description = description
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
  ///
  /// Source: Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.
  ///
  /// - Parameters:
  ///   - memory: How many steps are remembered.
  ///   - search: The line search.
  public static func lbfgs(memory: Int = 10, search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod(
      "L-BFGS, \(memory) steps remembered",
      check: {
        try checkMemory(memory)
        try search.check()
      }, { _ in LimitedMemoryBFGS(memory: memory, search: search) })
  }

  /// BFGS: a quasi-Newton method that builds the inverse of the Hessian, for some thousand parameters at most.
  ///
  /// Source: Nocedal and Wright, "Numerical Optimization", algorithm 6.1.
  ///
  /// - Parameter search: The line search.
  public static func bfgs(search: StepSearch = .strongWolfe()) -> MinimizationMethod {
    MinimizationMethod("BFGS", check: { try search.check() }, { try BFGS(count: $0, search: search) })
  }

  // MARK: First order

  /// How gradient descent chooses its steps.
  public enum Rate: Sendable, Hashable {
    /// Always the same learning rate.
    case fixed(Double)
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
      case .armijo: "gradient descent, Armijo's line search"
      case .barzilaiBorwein: "gradient descent, steps of Barzilai and Borwein"
      }
    return MinimizationMethod(
      text,
      check: {
        if case .fixed(let rate) = rate, !(rate > 0 && rate.isFinite) {
          throw TensorError("gradientDescent", "a learning rate of \(rate), where more than 0 is needed")
        }
      }, { _ in GradientSteps(rate: rate) })
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
  ///   - search: The line search; by default one that suits the rule.
  public static func conjugateGradient(
    _ rule: ConjugateRule = .hagerZhang, search: StepSearch? = nil
  ) -> MinimizationMethod {
    let search = search ?? (rule == .hagerZhang ? .hagerZhang() : .strongWolfe(curvature: 0.1))
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
      "Newton's method", check: { try search.check() }, { try Newton(count: $0, search: search) })
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
    MinimizationMethod("trust region, " + (solver == .exact ? "exact" : "Steihaug and Toint")) { count in
      try TrustRegion(count: count, isExact: solver == .exact)
    }
  }

  // MARK: Without derivatives

  /// Nelder and Mead's simplex with factors that suit many dimensions (Gao and Han 2012).
  ///
  /// - Parameter size: How large the first simplex is, relative to each number of the start that is larger than 1.
  public static func nelderMead(size: Double = 0.05) -> MinimizationMethod {
    MinimizationMethod(
      "Nelder and Mead's simplex",
      check: {
        guard size.isFinite, size != 0 else {
          throw TensorError("nelderMead", "a simplex of the size \(size), where it is finite and not 0")
        }
      }, { _ in NelderMead(size: size) })
  }

  /// Powell's method: line searches along directions that become conjugate (Powell 1964).
  public static func powell() -> MinimizationMethod { MinimizationMethod("Powell's method") { _ in Powell() } }

  /// Brent's method for one number: parabolas where they are trusted, the golden section otherwise (Brent 1973).
  public static func brent() -> MinimizationMethod {
    MinimizationMethod("Brent's method") { try ScalarMethod(count: $0, isGolden: false) }
  }

  /// The golden section for one number.
  public static func goldenSection() -> MinimizationMethod {
    MinimizationMethod("the golden section") { try ScalarMethod(count: $0, isGolden: true) }
  }
}
