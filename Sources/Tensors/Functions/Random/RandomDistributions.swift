import DescentGraph

extension RandomKey {
  /// Exponentially distributed numbers, as float32: the waiting times for something that happens `rate` times per unit
  /// of time.
  public func exponential(_ shape: Shape, rate: Double = 1) -> Tensor {
    scaled("exponential", "rate", rate) { -log(openUniform(shape)) * .constant(1 / rate, .float32) }
  }

  /// Laplace-distributed numbers, as float32: exponential ones to both sides of the mean.
  public func laplace(_ shape: Shape, mean: Double = 0, scale: Double = 1) -> Tensor {
    scaled("laplace", "scale", scale) {
      // One draw: its half says to which side, and the distance from the nearer end how far.
      let u = openUniform(shape)
      let isLeft = u .< 0.5
      let distance = log(2.0 * `where`(isLeft, u, 1.0 - u))
      return `where`(isLeft, distance, -distance) * .constant(scale, .float32) + .constant(mean, .float32)
    }
  }

  /// Numbers of Gumbel's distribution of extremes, as float32.
  public func gumbel(_ shape: Shape, location: Double = 0, scale: Double = 1) -> Tensor {
    scaled("gumbel", "scale", scale) {
      -log(-log(openUniform(shape))) * .constant(scale, .float32) + .constant(location, .float32)
    }
  }

  /// Cauchy-distributed numbers, as float32, which have neither mean nor variance.
  public func cauchy(_ shape: Shape, location: Double = 0, scale: Double = 1) -> Tensor {
    scaled("cauchy", "scale", scale) {
      let angle = (openUniform(shape) - 0.5) * .constant(Double.pi, .float32)
      return sin(angle) / cos(angle) * .constant(scale, .float32) + .constant(location, .float32)
    }
  }

  /// Numbers of the logistic distribution, as float32.
  public func logistic(_ shape: Shape, mean: Double = 0, scale: Double = 1) -> Tensor {
    scaled("logistic", "scale", scale) {
      let u = openUniform(shape)
      return (log(u) - log(1.0 - u)) * .constant(scale, .float32) + .constant(mean, .float32)
    }
  }

  /// Numbers whose logarithms are normally distributed, as float32.
  ///
  /// - Parameters:
  ///   - shape: The result's shape.
  ///   - mean: The logarithms' mean.
  ///   - standardDeviation: The logarithms' standard deviation.
  public func logNormal(_ shape: Shape, mean: Double = 0, standardDeviation: Double = 1) -> Tensor {
    .calling { exp(normal(shape, mean: mean, standardDeviation: standardDeviation)) }
  }

  /// Weibull-distributed numbers, as float32: exponential ones to a power.
  ///
  /// - Parameters:
  ///   - shape: The result's shape.
  ///   - concentration: The distribution's shape parameter: the power is 1 divided by it.
  ///   - scale: What numbers are multiplied by.
  public func weibull(_ shape: Shape, concentration: Double, scale: Double = 1) -> Tensor {
    scaled("weibull", "concentration", concentration) {
      scaled("weibull", "scale", scale) {
        pow(exponential(shape), 1 / concentration) * .constant(scale, .float32)
      }
    }
  }

  /// Pareto-distributed numbers from `scale` on, as float32: a number x is exceeded with probability (scale / x)^exponent.
  public func pareto(_ shape: Shape, exponent: Double, scale: Double = 1) -> Tensor {
    scaled("pareto", "exponent", exponent) {
      scaled("pareto", "scale", scale) { exp(exponential(shape, rate: exponent)) * .constant(scale, .float32) }
    }
  }

  /// Normally distributed vectors `[shape…, n]` with the given mean `[n]` and covariances `[n, n]`, in their element type.
  ///
  /// Derivatives pass to both. The covariances must be positive definite, or the numbers are NaN.
  public func multivariateNormal(_ shape: Shape = [], mean: Tensor, covariance: Tensor) -> Tensor {
    mean.unlessFailed(covariance) {
      guard mean.rank == 1, covariance.shape.sizes == [mean.count, mean.count] else {
        return .failure(
          "multivariateNormal", "takes a mean [n] and covariances [n, n], not \(mean.shape) and \(covariance.shape)")
      }
      let even = normal(Shape(shape.sizes + [mean.count])).converted(to: mean.elementType)
      return matmul(even, cholesky(covariance).transposed()) + mean
    }
  }

  private func scaled(_ operation: String, _ name: String, _ value: Double, _ body: () -> Tensor) -> Tensor {
    value > 0 ? .calling(operation, body) : .failure(operation, "the \(name) \(value) is not positive")
  }
}
