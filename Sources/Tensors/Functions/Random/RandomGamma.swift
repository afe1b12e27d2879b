import DescentGraph

extension RandomKey {
  /// Gamma-distributed numbers, as float32, for each element of `concentration` repeated to the shape.
  ///
  /// By rejection (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000) with eight tries, after
  /// which one number in 10¹⁰ is left at the mode. No derivative passes to the concentration; a concentration that is
  /// not positive gives NaN.
  /// - Parameters:
  ///   - shape: The result's shape.
  ///   - concentration: The distribution's shape parameter.
  ///   - rate: What numbers are divided by, positive.
  public func gamma(_ shape: Shape, concentration: Tensor, rate: Double = 1) -> Tensor {
    .calling {
      guard rate > 0 else { return .failure("gamma", "the rate \(rate) is not positive") }
      return exp(logGamma(shape, concentration)) * .constant(1 / rate, .float32)
    }
  }

  /// Gamma-distributed numbers of one concentration, as float32.
  public func gamma(_ shape: Shape, concentration: Double, rate: Double = 1) -> Tensor {
    gamma(shape, concentration: Tensor(concentration), rate: rate)
  }

  /// Sums of the squares of so many normally distributed numbers, as float32: χ²-distributed.
  ///
  /// - Parameter degreesOfFreedom: How many, a positive number and not necessarily whole.
  public func chiSquared(_ shape: Shape, degreesOfFreedom: Double) -> Tensor {
    .calling {
      guard degreesOfFreedom > 0 else {
        return .failure("chiSquared", "the degrees of freedom \(degreesOfFreedom) are not positive")
      }
      return gamma(shape, concentration: degreesOfFreedom / 2, rate: 0.5)
    }
  }

  /// Numbers of Student's t-distribution, as float32.
  ///
  /// - Parameter degreesOfFreedom: A positive number; where it is large, the numbers are normally distributed.
  public func studentT(_ shape: Shape, degreesOfFreedom: Double) -> Tensor {
    .calling {
      guard degreesOfFreedom > 0 else {
        return .failure("studentT", "the degrees of freedom \(degreesOfFreedom) are not positive")
      }
      let half = degreesOfFreedom / 2
      // From the logarithm, which does not vanish where the degrees of freedom are few.
      let shrinking = exp(-0.5 * split(1).logGamma(shape, Tensor(half)))
      return split(0).normal(shape) * shrinking * .constant(half.squareRoot(), .float32)
    }
  }

  /// Beta-distributed numbers between 0 and 1, as float32. No derivative passes to the concentrations.
  public func beta(_ shape: Shape, _ a: Tensor, _ b: Tensor) -> Tensor {
    .calling {
      // x / (x + y) from the logarithms, which do not vanish where concentrations are small.
      sigmoid(split(0).logGamma(shape, a) - split(1).logGamma(shape, b))
    }
  }

  /// Beta-distributed numbers between 0 and 1, as float32.
  public func beta(_ shape: Shape, _ a: Double, _ b: Double) -> Tensor { beta(shape, Tensor(a), Tensor(b)) }

  /// Vectors of probabilities along the last axis, as float32, for each vector of concentrations `[…, k]`: Dirichlet's
  /// distribution. No derivative passes to the concentrations.
  public func dirichlet(concentration: Tensor) -> Tensor {
    .calling {
      if concentration.error != nil { return concentration }
      guard concentration.rank >= 1 else {
        return .failure("dirichlet", "takes vectors of concentrations along the last axis, not a single number")
      }
      return softmax(logGamma(concentration.shape, concentration), axis: -1)
    }
  }

  /// The logarithms of gamma-distributed numbers of rate 1.
  private func logGamma(_ shape: Shape, _ concentration: Tensor) -> Tensor {
    let given = stopGradient(concentration.converted(to: .float32)).broadcast(to: shape)
    if given.error != nil { return given }
    // A concentration below 1 is raised by 1, and the number multiplied by a power of another one.
    let isSmall = given .< 1
    let raised = `where`(isSmall, given + 1, given)
    let d = raised - 1.0 / 3
    let c = rsqrt(9.0 * d)
    var logarithm = Tensor(zeros: shape)
    var isOpen = Tensor(repeating: 1, shape: shape, .bool)
    for attempt in 0..<8 {
      let key = split(attempt)
      let x = key.split(0).normal(shape)
      let base = 1.0 + c * x
      let isPositive = base .> 0
      let cubed = 3.0 * log(`where`(isPositive, base, Tensor(ones: shape)))
      let bound = 0.5 * square(x) + d - d * exp(cubed) + d * cubed
      let isAccepted = isPositive .& (log(key.split(1).openUniform(shape)) .< bound)
      logarithm = `where`(isOpen .& isAccepted, cubed, logarithm)
      isOpen = isOpen .& .!isAccepted
    }
    let power = log(split(8).openUniform(shape)) / given
    let result = log(d) + logarithm
    let boosted = `where`(isSmall, result + power, result)
    return `where`(given .> 0, boosted, boosted * .nan)
  }
}
