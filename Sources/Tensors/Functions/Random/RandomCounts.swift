import DescentGraph

// Counts of what happens at random. All is computed in float64, whatever the parameters' type, so that counts in the
// thousands of millions keep their last digit.

extension RandomKey {
  /// How often something happens in a unit of time that happens `rate` times on average, as int32, for each element of
  /// `rate` repeated to the shape: Poisson's distribution.
  ///
  /// Waiting times are added up where the rate is below 10; above, by rejection (Hörmann, "The transformed rejection
  /// method for generating Poisson random variables", 1993). No derivative passes to the rate; a rate that is negative
  /// or NaN gives −1.
  public func poisson(_ shape: Shape, rate: Tensor) -> Tensor {
    counts("poisson", shape, rate) { rate in
      let isSmall = rate .< 10
      let few = split(0).countingSteps(within: `where`(isSmall, rate, rate.number(-1))) { -log($0) }
      let safe = maximum(rate, rate.number(10))
      let (b, logRate) = (0.931 + 2.53 * sqrt(safe), log(safe))
      let a = 0.02483 * b - 0.059
      let steepness = log(1.1239 + 1.1328 / (b - 3.4))
      let quick = 0.9277 - 3.6224 / (b - 2.0)
      let many = split(1).rejecting(.!isSmall, otherwise: floor(safe)) { u, v in
        let distance = 0.5 - abs(u)
        let width = 2.0 * a / distance + b
        let k = floor(width * u + (safe + 0.43))
        let bound = k * logRate - safe - lgamma(k + 1.0)
        let height = log(v) + steepness - log(a / square(distance) + b)
        let isQuick = (distance .>= distance.number(0.07)) .& (v .<= quick)
        return (k, isQuick .| ((k .>= k.number(0)) .& (height .<= bound)))
      }
      return `where`(isSmall, few, many)
    }
  }

  /// Counts of Poisson's distribution of one rate, as int32.
  public func poisson(_ shape: Shape, rate: Double) -> Tensor { poisson(shape, rate: Tensor(rate, .float64)) }

  /// How many of `count` trials succeed, each with the given probability, as int32, for each element of both repeated
  /// to the shape: the binomial distribution.
  ///
  /// Trials between two successes are added up where fewer than 10 are expected; above, by rejection (Hörmann, "The
  /// generation of binomial random variates", 1993). No derivative passes to the parameters; a count that is negative
  /// or a probability that is none gives −1.
  public func binomial(_ shape: Shape, count: Tensor, probability: Tensor) -> Tensor {
    counts("binomial", shape, count, probability) { count, probability in
      let isPossible = (probability .>= probability.number(0)) .& (probability .<= probability.number(1))
      let isLikely = probability .> 0.5
      let p = `where`(isPossible, `where`(isLikely, 1.0 - probability, probability), probability.number(0))
      let isSmall = count * p .< 10
      let failing = log1p(-p)
      // The waiting times are counts themselves, which end with the last trial.
      let few = split(0).countingSteps(within: `where`(isSmall, floor(count), count.number(-1))) {
        ceil(log($0) / failing)
      }
      let (n, safe) = (maximum(floor(count), count.number(20)), maximum(p, 10.0 / maximum(count, count.number(20))))
      let many = split(1).manySuccesses(n, safe, .!isSmall)
      let rare = `where`(isSmall, few, many)
      return `where`(isPossible, `where`(isLikely, floor(count) - rare, rare), rare.number(-1))
    }
  }

  /// How many of `count` trials succeed, each with the given probability, as int32.
  public func binomial(_ shape: Shape, count: Int, probability: Double) -> Tensor {
    binomial(shape, count: Tensor(Double(count), .float64), probability: Tensor(probability, .float64))
  }

  /// The number of the first trial that succeeds, each with the given probability, as int32 from 1 on: the
  /// geometric distribution.
  public func geometric(_ shape: Shape, probability: Double) -> Tensor {
    .calling {
      guard probability > 0, probability <= 1 else {
        return .failure("geometric", "the probability \(probability) does not lie above 0 and at most at 1")
      }
      let trials = ceil(log(wideUniform(shape)) / log1p(Tensor(-probability, .float64)))
      return maximum(trials, trials.number(1)).converted(to: .int32)
    }
  }

  /// How many trials fail before so many have succeeded, each with the given probability, as int32: the negative
  /// binomial distribution.
  ///
  /// As Poisson's distribution of a rate that is gamma-distributed.
  /// - Parameter successes: How many successes end the trials, a positive number and not necessarily whole.
  public func negativeBinomial(_ shape: Shape, successes: Double, probability: Double) -> Tensor {
    .calling {
      guard successes > 0, probability > 0, probability <= 1 else {
        return .failure(
          "negativeBinomial",
          "takes a positive number of successes and a probability above 0 and at most 1, not \(successes) and"
            + " \(probability)")
      }
      let rate = split(0).gamma(shape, concentration: successes) * ((1 - probability) / probability)
      return split(1).poisson(shape, rate: rate)
    }
  }

  /// How often each of several outcomes occurs in `count` trials, as int32, for each vector of probabilities along the
  /// last axis: the multinomial distribution.
  ///
  /// Each outcome in turn takes a binomial share of the trials that are left.
  /// - Parameter probabilities: `[…, outcomes]`; they are divided by their sum. No derivative passes to them.
  public func multinomial(_ count: Int, probabilities: Tensor) -> Tensor {
    .calling {
      if probabilities.error != nil { return probabilities }
      guard count >= 0, let outcomes = probabilities.shape.last, probabilities.elementType.isFloatingPoint else {
        return .failure(
          "multinomial",
          "takes a count from 0 on and floating-point probabilities […, outcomes], not \(count) and"
            + " \(probabilities.type)")
      }
      let shares = stopGradient(probabilities.converted(to: .float64)).moved(-1, to: 0)
      let open = shares.cumulativeSum(axis: 0, reversed: true)
      let chances = `where`(open .> 0, minimum(shares / open, open.number(1)), shares)
      let rest = Shape(Array(shares.shape.sizes.dropFirst()))
      let all = Tensor(repeating: Double(count), shape: rest, .int32)
      return Tensor.carryingErrors(of: "multinomial") {
        let (_, drawn) = try scan(over: [Tensor(rangeTo: outcomes), chances], from: all) {
          (left: Tensor, slices: [Tensor]) -> (Tensor, Tensor) in
          let taken = split(slices[0]).binomial(rest, count: left, probability: slices[1])
          return (left - taken, taken)
        }
        return drawn.moved(0, to: -1)
      }
    }
  }

  /// Successes of trials of which 10 or more are expected to succeed, and at most half.
  private func manySuccesses(_ n: Tensor, _ p: Tensor, _ isOpen: Tensor) -> Tensor {
    let spread = sqrt(n * p * (1.0 - p))
    let b = 1.15 + 2.53 * spread
    let a = 0.0248 * b + 0.01 * p - 0.0873
    let quick = 0.92 - 4.2 / b
    let steepness = (2.83 + 5.1 / b) * spread
    let (mode, odds) = (floor((n + 1.0) * p), log(p / (1.0 - p)))
    let top = lgamma(mode + 1.0) + lgamma(n - mode + 1.0)
    return rejecting(isOpen, otherwise: mode) { u, v in
      let distance = 0.5 - abs(u)
      let width = 2.0 * a / distance + b
      let k = floor(width * u + (n * p + 0.5))
      let isInside = (k .>= k.number(0)) .& (k .<= n)
      let ways = top - lgamma(k + 1.0) - lgamma(n - k + 1.0)
      let height = log(v * steepness / (a / square(distance) + b))
      let isQuick = (distance .>= distance.number(0.07)) .& (v .<= quick)
      return (k, isInside .& (isQuick .| (height .<= ways + (k - mode) * odds)))
    }
  }

  /// Counts of parameters repeated to a shape, −1 where the first of them is negative or NaN.
  private func counts(_ name: String, _ shape: Shape, _ given: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    .calling(name) {
      if given.error != nil { return given }
      // More than any count holds, and few enough for the formulas.
      let wide = minimum(stopGradient(given.converted(to: .float64)), .constant(1e15, .float64)).broadcast(to: shape)
      if wide.error != nil { return .failure(name, "parameters \(given.shape) cannot be repeated to \(shape)") }
      let isCount = wide .>= wide.number(0)
      let drawn = body(`where`(isCount, wide, wide.number(0)))
      return `where`(isCount, drawn, drawn.number(-1)).converted(to: .int32)
    }
  }

  private func counts(
    _ name: String, _ shape: Shape, _ first: Tensor, _ second: Tensor, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    if second.error != nil { return second }
    let wide = stopGradient(second.converted(to: .float64)).broadcast(to: shape)
    if wide.error != nil { return .failure(name, "parameters \(second.shape) cannot be repeated to \(shape)") }
    return counts(name, shape, first) { body($0, wide) }
  }

  /// How many steps of random lengths fit one after the other into each element; none into a negative one.
  private func countingSteps(within room: Tensor, _ length: (Tensor) -> Tensor) -> Tensor {
    let start = [
      Tensor(integers: [0], shape: []), Tensor(zeros: room.shape, .float64), Tensor(zeros: room.shape, .float64),
    ]
    return Tensor.carryingErrors(of: "random counts") {
      let last = try whileLoop(from: start) { state in
        (state[1] .<= room).any()
      } do: { state in
        let reached = state[1] + length(split(state[0]).wideUniform(room.shape))
        return [state[0] + 1.0, reached, state[2] + (reached .<= room).converted(to: .float64)]
      }
      return last[2]
    }
  }

  /// Draws candidates where elements are open until each is accepted; after a thousand tries, which nobody will see,
  /// the others stay.
  ///
  /// - Parameter attempt: Gives a candidate and whether it is accepted, for uniform numbers from −½ to ½ and from 0 to 1.
  private func rejecting(
    _ isOpen: Tensor, otherwise: Tensor, _ attempt: (_ u: Tensor, _ v: Tensor) -> (Tensor, Tensor)
  ) -> Tensor {
    Tensor.carryingErrors(of: "random counts") {
      let last = try whileLoop(from: [Tensor(integers: [0], shape: []), otherwise, isOpen]) { state in
        state[2].any() .& (state[0] .< 1000)
      } do: { state in
        let key = split(state[0])
        let (candidate, isAccepted) = attempt(
          key.split(0).wideUniform(isOpen.shape) - 0.5, key.split(1).wideUniform(isOpen.shape))
        let isTaken = state[2] .& isAccepted
        return [state[0] + 1.0, `where`(isTaken, candidate, state[1]), state[2] .& .!isAccepted]
      }
      return last[1]
    }
  }

  /// An independent key for a use of this one that an int32 scalar numbers.
  private func split(_ number: Tensor) -> RandomKey {
    let words = [Tensor(zeros: [1], .uint32), number.converted(to: .uint32).reshaped([1])]
    return RandomKey(words: mixed(with: concatenated(words)))
  }

  /// Uniformly distributed numbers in the open interval from 0 to 1, as float64 with 52 random bits.
  func wideUniform(_ shape: Shape) -> Tensor {
    let (high, low) = (
      split(0).bits(shape).converted(to: .float64), (split(1).bits(shape) >> 12).converted(to: .float64)
    )
    let whole = high * .constant(0x1p20, .float64) + low
    return (whole + .constant(0.5, .float64)) * .constant(0x1p-52, .float64)
  }
}
