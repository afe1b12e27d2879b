import DescentGraph
import DescentTensors
import Foundation

/// A Gaussian process that is conditioned on one or several sets of targets at the same points, ready to be asked.
struct Posterior: Sendable {
  /// Points in rows of one width.
  struct Points: Sendable, Hashable {
    var flat: [Double]
    var count: Int
    var width: Int { count == 0 ? 0 : flat.count / count }

    init(flat: [Double], count: Int) { (self.flat, self.count) = (flat, count) }
    init(_ rows: [[Double]]) { self.init(flat: rows.flatMap { $0 }, count: rows.count) }

    /// The points followed by others.
    func appending(_ rows: [[Double]]) -> Points { Points(flat: flat + rows.flatMap { $0 }, count: count + rows.count) }

    /// The first of them.
    func prefix(_ count: Int) -> Points {
      Points(flat: Array(flat.prefix(count * width)), count: min(count, self.count))
    }

    subscript(row: Int) -> [Double] { Array(flat[row * width..<(row + 1) * width]) }

    func padded(to rows: Int) -> [Double] { flat + [Double](repeating: 0, count: rows * width - flat.count) }
  }

  /// Means and variances at places.
  struct Moments {
    /// Those of each place's members side by side.
    var means: [Double]
    var variances: [Double]
  }

  /// Means and the variance at a place, with their derivatives.
  struct Slopes {
    var means: [Double]
    var variance: Double
    /// A row for each member.
    var meanSlopes: [Double]
    var varianceSlope: [Double]
  }

  let points: Points
  let members: Int
  let kernel: GaussianProcess.Kernel
  /// The logarithms of length scales, signal's and noise's variance.
  let logarithms: [Double]
  /// What is added to all means.
  let shift: Double
  /// The logarithm of each member's density.
  let logLikelihoods: [Double]
  private let plans: GaussianPlans
  /// Parameters, points, mask, inverse triangle, weights.
  private let buffers: [Buffer]
  /// Row by row, with the capacity's rows.
  let weights: [Double]

  /// Conditions on targets, a row of members for each point.
  ///
  /// - Parameter shift: What is added to all means.
  init(
    _ points: Points, targets: [[Double]], _ kernel: GaussianProcess.Kernel, _ logarithms: [Double],
    shift: Double = 0
  ) throws {
    self.shift = shift
    self.points = points
    self.kernel = kernel
    self.logarithms = logarithms
    let members = targets.first?.count ?? 1
    self.members = members
    let capacity = GaussianPlans.capacity(points.count)
    let form = GaussianPlans.Form(
      kernel: kernel, capacity: capacity, width: logarithms.count - 2, members: members)
    plans = GaussianPlans(form)
    let blank = [Double](repeating: 0, count: (capacity - points.count) * members)
    let shared = try Self.shared(points, capacity, logarithms)
    let known = try plans.factor().buffers(
      shared + [try .numbers(targets.flatMap { $0 } + blank, capacity, members)])
    buffers = shared + known.prefix(2)
    weights = try known[1].numbers([capacity, members])
    let halfLog = try known[2].numbers([])[0]
    let quadratic = try known[3].numbers([members])
    let constant = Double(points.count) * Normal.logRootTwoPi
    logLikelihoods = quadratic.map { -0.5 * $0 - halfLog - constant }
  }

  private static func shared(_ points: Points, _ capacity: Int, _ logarithms: [Double]) throws -> [Buffer] {
    let mask = (0..<capacity).map { $0 < points.count ? 1.0 : 0 }
    return [
      try .numbers(logarithms, logarithms.count), try .numbers(points.padded(to: capacity), capacity, points.width),
      try .numbers(mask, capacity),
    ]
  }

  /// Conditions on targets, with as much noise as is needed to decompose the covariances of points that lie together.
  static func steady(
    _ points: Points, targets: [[Double]], _ kernel: GaussianProcess.Kernel, _ logarithms: [Double],
    shift: Double = 0
  ) throws -> Posterior {
    var raised = logarithms
    var posterior = try Posterior(points, targets: targets, kernel, raised, shift: shift)
    for _ in 0..<8 where !posterior.isPositive {
      raised[raised.count - 1] = max(raised[raised.count - 1], raised[raised.count - 2] + log(1e-12)) + log(30)
      posterior = try Posterior(points, targets: targets, kernel, raised, shift: shift)
    }
    return posterior
  }

  /// Whether the covariances could be decomposed.
  var isPositive: Bool { logLikelihoods.allSatisfy(\.isFinite) }

  /// The variance before anything is seen.
  var signalVariance: Double { exp(logarithms[logarithms.count - 2]) }
  var noiseVariance: Double { exp(logarithms[logarithms.count - 1]) }

  /// The moments at places that lie one after the other.
  func moments(at flat: [Double]) throws -> Moments {
    let width = points.width
    let count = flat.count / max(width, 1)
    var moments = Moments(means: [], variances: [])
    var start = 0
    while start < count {
      let left = count - start
      let batch = GaussianPlans.batches.first { $0 >= left } ?? GaussianPlans.batches[GaussianPlans.batches.count - 1]
      let taken = min(batch, left)
      let part = Array(flat[start * width..<(start + taken) * width])
      let blank = [Double](repeating: 0, count: (batch - taken) * width)
      let results = try plans.moments(batch).run(buffers + [try .numbers(part + blank, batch, width)])
      moments.means += results[0].prefix(taken * members).map { $0 + shift }
      moments.variances += results[1].prefix(taken).map { bounded($0) }
      start += taken
    }
    return moments
  }

  /// Rounding may take more from the variance than there is.
  private func bounded(_ variance: Double) -> Double { max(variance, 1e-12 * signalVariance) }

  /// The moments at a place, with their derivatives.
  func slopes(at place: [Double]) throws -> Slopes {
    let results = try plans.slopes().run(buffers + [try .numbers(place, 1, place.count)])
    let isBounded = bounded(results[1][0]) > results[1][0]
    return Slopes(
      means: results[0].map { $0 + shift }, variance: bounded(results[1][0]), meanSlopes: results[2],
      varianceSlope: isBounded ? results[3].map { _ in 0 } : results[3])
  }

  /// The joint distribution of values at places.
  func joint(at places: Points) throws -> Joint {
    let capacity = GaussianPlans.capacity(places.count)
    let mask = (0..<capacity).map { $0 < places.count ? 1.0 : 0 }
    let results = try plans.joint(capacity).run(
      buffers + [
        try .numbers(places.padded(to: capacity), capacity, places.width), try .numbers(mask, capacity),
      ])
    return Joint(
      count: places.count, capacity: capacity, members: members, means: results[0].map { $0 + shift },
      triangle: results[1])
  }

  /// A normal distribution of several numbers.
  struct Joint {
    let count: Int
    let capacity: Int
    let members: Int
    let means: [Double]
    let triangle: [Double]

    /// A draw of one member.
    func sample(member: Int, _ random: inout TrialRandom) -> [Double] {
      let normal = (0..<count).map { _ in random.normal() }
      return (0..<count).map { row in
        var value = means[row * members + member]
        for column in 0...row { value += triangle[row * capacity + column] * normal[column] }
        return value
      }
    }
  }
}

extension TrialRandom {
  /// A normally distributed number.
  mutating func normal() -> Double {
    Normal.quantile((Double(next() >> 11) + 0.5) * 0x1p-53)
  }
}

extension Buffer {
  /// The Float64 numbers of a plan's result.
  func numbers(_ sizes: [Int]) throws -> [Double] {
    try Literal(type: TensorType(Shape(sizes), .float64), buffer: self).withHostBytes {
      Array($0.bindMemory(to: Double.self))
    }
  }
}
